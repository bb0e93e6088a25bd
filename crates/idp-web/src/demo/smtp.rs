//! A small SMTP receiver for the demo: it takes every mail and keeps it in the mailbox folder.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::mailbox::MailFolder;

/// The largest mail taken, in bytes, announced by EHLO (RFC 1870).
const MAX_MAIL: usize = 1024 * 1024;
/// RFC 5321 §4.5.3.1.4: a command line has at most 512 octets; extensions may need more.
const MAX_COMMAND: usize = 1024;
/// RFC 5321 §4.5.3.1.6: a text line has at most 1000 octets with CRLF. We are liberal, but not without end.
const MAX_LINE: usize = 16 * 1024;
const MAX_RECIPIENTS: usize = 100;
const MAX_CONNECTIONS: usize = 32;
/// RFC 5321 §4.5.3.2.7 asks for five minutes.
const PATIENCE: Duration = Duration::from_secs(300);

/// Takes mails on `listener` until `stop`, then lets open conversations go.
pub async fn serve(listener: TcpListener, folder: MailFolder, stop: CancellationToken) {
    let mut conversations = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Such as too many open files: wait a little instead of turning in a circle.
                warn!("the demo mail receiver cannot take a connection: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        while conversations.try_join_next().is_some() {}
        if conversations.len() >= MAX_CONNECTIONS {
            continue;
        }
        let (folder, stop) = (folder.clone(), stop.clone());
        conversations.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                ended = converse(stream, &folder) => if let Err(error) = ended {
                    debug!("a mail conversation broke off: {error}");
                },
            }
        });
    }
    while conversations.join_next().await.is_some() {}
}

async fn converse(stream: TcpStream, folder: &MailFolder) -> io::Result<()> {
    let (read, write) = stream.into_split();
    Conversation { read: BufReader::new(read), write, envelope: Envelope::default(), greeted: false, folder }
        .run()
        .await
}

#[derive(Default)]
struct Envelope {
    from: Option<String>,
    to: Vec<String>,
}

struct Conversation<'a, R, W> {
    read: R,
    write: W,
    envelope: Envelope,
    greeted: bool,
    folder: &'a MailFolder,
}

enum After {
    GoOn,
    HangUp,
}

/// A line without its end, or what is wrong with it.
enum Line {
    Text(Vec<u8>),
    TooLong,
    End,
}

impl<R: AsyncBufRead + Unpin, W: AsyncWrite + Unpin> Conversation<'_, R, W> {
    async fn run(&mut self) -> io::Result<()> {
        self.say("220 localhost MOC Account demo mailbox").await?;
        loop {
            match self.line(MAX_COMMAND).await? {
                Line::End => return Ok(()),
                Line::TooLong => self.say("500 5.5.2 line too long").await?,
                Line::Text(line) => {
                    if let After::HangUp = self.obey(&String::from_utf8_lossy(&line)).await? {
                        return Ok(());
                    }
                }
            }
        }
    }

    async fn obey(&mut self, line: &str) -> io::Result<After> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.trim().to_ascii_uppercase().as_str() {
            "EHLO" => {
                self.greet();
                self.say(&format!("250-localhost\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE {MAX_MAIL}"))
                    .await?;
            }
            "HELO" => {
                self.greet();
                self.say("250 localhost").await?;
            }
            "MAIL" => self.mail_from(rest).await?,
            "RCPT" => self.recipient(rest).await?,
            "DATA" => return self.data().await,
            "RSET" => {
                self.envelope = Envelope::default();
                self.say("250 2.0.0 forgotten").await?;
            }
            "NOOP" => self.say("250 2.0.0 still here").await?,
            "VRFY" => self.say("252 2.5.0 send it and see").await?,
            "QUIT" => {
                self.say("221 2.0.0 goodbye").await?;
                return Ok(After::HangUp);
            }
            _ => self.say("502 5.5.1 command not known here").await?,
        }
        Ok(After::GoOn)
    }

    fn greet(&mut self) {
        self.greeted = true;
        // RFC 5321 §4.1.4: EHLO also clears what was begun.
        self.envelope = Envelope::default();
    }

    async fn mail_from(&mut self, rest: &str) -> io::Result<()> {
        if !self.greeted || self.envelope.from.is_some() {
            return self.say("503 5.5.1 not now").await;
        }
        let Some((address, parameters)) = path(rest, "FROM:") else {
            return self.say("501 5.5.4 MAIL FROM:<address>").await;
        };
        for parameter in parameters.split_ascii_whitespace() {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name.to_ascii_uppercase().as_str() {
                "SIZE" if value.parse::<usize>().is_ok_and(|size| size > MAX_MAIL) => {
                    return self.say("552 5.3.4 too large").await;
                }
                "SIZE" | "BODY" => {}
                _ => return self.say("555 5.5.4 parameter not known here").await,
            }
        }
        self.envelope.from = Some(address.to_owned());
        self.say("250 2.1.0 sender noted").await
    }

    async fn recipient(&mut self, rest: &str) -> io::Result<()> {
        if self.envelope.from.is_none() {
            return self.say("503 5.5.1 MAIL first").await;
        }
        match path(rest, "TO:") {
            Some((address, "")) if !address.is_empty() => {
                if self.envelope.to.len() >= MAX_RECIPIENTS {
                    return self.say("452 4.5.3 too many recipients").await;
                }
                self.envelope.to.push(address.to_owned());
                self.say("250 2.1.5 recipient noted").await
            }
            _ => self.say("501 5.5.4 RCPT TO:<address>").await,
        }
    }

    async fn data(&mut self) -> io::Result<After> {
        if self.envelope.to.is_empty() {
            self.say("503 5.5.1 RCPT first").await?;
            return Ok(After::GoOn);
        }
        self.say("354 go ahead, end with a dot on a line of its own").await?;
        let mut mail = Vec::new();
        let mut fault = None;
        loop {
            let line = match self.line(MAX_LINE).await? {
                // The sender left in the middle: nothing was promised, nothing is kept.
                Line::End => return Ok(After::HangUp),
                Line::TooLong => {
                    fault = Some("500 5.6.0 a line is too long");
                    continue;
                }
                Line::Text(line) => line,
            };
            if line == b"." {
                break;
            }
            // RFC 5321 §4.5.2: the sender put a dot before every line that begins with one.
            let line = line.strip_prefix(b".").unwrap_or(&line);
            if mail.len() + line.len() + 2 > MAX_MAIL {
                fault = Some("552 5.3.4 too large");
            }
            if fault.is_none() {
                mail.extend_from_slice(line);
                mail.extend_from_slice(b"\r\n");
            }
        }
        self.envelope = Envelope::default();
        match fault {
            Some(reply) => self.say(reply).await?,
            None => match self.folder.keep(&mail).await {
                Ok(()) => self.say("250 2.0.0 kept").await?,
                Err(error) => {
                    warn!("the demo mailbox cannot keep a mail: {error}");
                    self.say("451 4.3.0 cannot keep it now").await?;
                }
            },
        }
        Ok(After::GoOn)
    }

    async fn say(&mut self, reply: &str) -> io::Result<()> {
        self.write.write_all(format!("{reply}\r\n").as_bytes()).await?;
        self.write.flush().await
    }

    /// The next line, ended by CRLF. A bare LF does not end a line: RFC 5321 §2.3.8, and the door to mail smuggling.
    /// What goes beyond `limit` is read and dropped, so that the conversation stays in step.
    async fn line(&mut self, limit: usize) -> io::Result<Line> {
        let mut line = Vec::new();
        let mut too_long = false;
        loop {
            let chunk = timeout(PATIENCE, self.read.fill_buf()).await.map_err(|_| io::ErrorKind::TimedOut)??;
            if chunk.is_empty() {
                return Ok(Line::End);
            }
            let (taken, newline) = match chunk.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (chunk.len(), false),
            };
            line.extend_from_slice(&chunk[..taken]);
            self.read.consume(taken);
            let ended = newline && line.ends_with(b"\r\n");
            if line.len() > limit + 2 {
                too_long = true;
                // Only a trailing CR matters for finding the end.
                let carriage_return = line.last() == Some(&b'\r');
                line.clear();
                if carriage_return {
                    line.push(b'\r');
                }
            }
            if ended {
                if too_long {
                    return Ok(Line::TooLong);
                }
                line.truncate(line.len() - 2);
                return Ok(Line::Text(line));
            }
        }
    }
}

/// `FROM:<address> PARAMETERS` → address and parameters.
fn path<'a>(rest: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let rest = rest.trim();
    let head = rest.get(..keyword.len())?;
    if !head.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let (address, parameters) = rest[keyword.len()..].trim_start().strip_prefix('<')?.split_once('>')?;
    Some((address, parameters.trim()))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use uuid::Uuid;

    use super::*;
    use crate::{
        demo::Surroundings,
        mail::{Letter, MailError, Mailer, Sender},
        view::Lang,
    };

    struct Receiver {
        address: SocketAddr,
        folder: MailFolder,
        stop: CancellationToken,
        _home: tempfile::TempDir,
    }

    async fn receiver() -> Receiver {
        let home = tempfile::tempdir().unwrap();
        let folder = MailFolder::open(home.path().join("mails"), Surroundings::still()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        tokio::spawn(serve(listener, folder.clone(), stop.clone()));
        Receiver { address, folder, stop, _home: home }
    }

    async fn talk(address: SocketAddr, said: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(said).await.unwrap();
        let mut heard = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut heard).await.unwrap();
        heard
    }

    #[tokio::test]
    async fn a_letter_sent_over_smtp_arrives_as_it_was_written() {
        let receiver = receiver().await;
        let mailer = Mailer::smtp(&format!("smtp://{}", receiver.address), &Sender::sample()).unwrap();
        let mail = Letter::samples()[0].compose(Lang::Th, &Sender::sample());
        mailer.send(Uuid::from_u128(1), "somchai@mail.example", &mail, chrono::DateTime::UNIX_EPOCH).await.unwrap();
        mailer.send(Uuid::from_u128(2), "somying@mail.example", &mail, chrono::DateTime::UNIX_EPOCH).await.unwrap();

        let kept = receiver.folder.newest_first().await.unwrap();
        assert_eq!(
            kept.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(),
            ["somying@mail.example", "somchai@mail.example"]
        );
        let shown = receiver.folder.read(&kept[1].id).await.unwrap().expect("it is there");
        assert_eq!(shown.subject, mail.subject);
        assert_eq!(shown.text.replace("\r\n", "\n").trim(), mail.text.trim());
        assert_eq!(
            shown.html.as_deref().map(|html| html.replace("\r\n", "\n").trim().to_owned()).as_deref(),
            Some(mail.html.trim())
        );
        receiver.stop.cancel();
    }

    #[tokio::test]
    async fn dots_at_line_starts_survive() {
        let receiver = receiver().await;
        let heard = talk(
            receiver.address,
            b"EHLO x\r\nMAIL FROM:<a@x.example> BODY=8BITMIME SIZE=99\r\nRCPT TO:<b@x.example>\r\nDATA\r\n\
              To: b@x.example\r\nSubject: dots\r\n\r\n..one\r\n...two\r\n.\r\nQUIT\r\n",
        )
        .await;
        assert!(heard.ends_with("250 2.0.0 kept\r\n221 2.0.0 goodbye\r\n"), "{heard}");
        let kept = receiver.folder.newest_first().await.unwrap();
        let shown = receiver.folder.read(&kept[0].id).await.unwrap().unwrap();
        assert_eq!(shown.text.lines().collect::<Vec<_>>(), [".one", "..two"]);
    }

    #[tokio::test]
    async fn a_bare_line_feed_does_not_end_a_mail() {
        let receiver = receiver().await;
        let heard = talk(
            receiver.address,
            b"EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nSubject: one\r\n\r\nhello\n.\n\
              MAIL FROM:<evil@x.example>\r\n.\r\nQUIT\r\n",
        )
        .await;
        assert_eq!(heard.matches("250 2.0.0 kept").count(), 1, "{heard}");
        assert_eq!(receiver.folder.newest_first().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn commands_out_of_order_are_refused() {
        let receiver = receiver().await;
        let heard = talk(
            receiver.address,
            b"MAIL FROM:<a@x.example>\r\nEHLO x\r\nRCPT TO:<b@x.example>\r\nDATA\r\nMAIL FROM:<a@x.example> SMTPUTF8\r\n\
              MAIL nonsense\r\nAUTH PLAIN x\r\nMAIL FROM:<a@x.example>\r\nRSET\r\nRCPT TO:<b@x.example>\r\nNOOP\r\nQUIT\r\n",
        )
        .await;
        let codes: Vec<&str> =
            heard.lines().filter(|line| line.get(3..4) == Some(" ")).map(|line| &line[..3]).collect();
        assert_eq!(codes, ["220", "503", "250", "503", "503", "555", "501", "502", "250", "250", "503", "250", "221"]);
    }

    #[tokio::test]
    async fn what_is_too_long_or_too_large_is_refused_and_the_conversation_goes_on() {
        let receiver = receiver().await;
        let mut said = b"EHLO x\r\n".to_vec();
        said.extend(b"NOOP ".iter().chain(&vec![b'x'; 70_000]));
        said.extend(b"\r\nMAIL FROM:<a@x.example> SIZE=99999999\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n");
        for _ in 0..1100 {
            said.extend(vec![b'y'; 1000]);
            said.extend(b"\r\n");
        }
        said.extend(b".\r\nQUIT\r\n");
        let heard = talk(receiver.address, &said).await;
        assert!(heard.contains("500 5.5.2 line too long"), "{heard}");
        assert_eq!(heard.matches("552 5.3.4 too large").count(), 2, "{heard}");
        assert!(heard.ends_with("221 2.0.0 goodbye\r\n"), "{heard}");
        assert!(receiver.folder.newest_first().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_folder_that_is_gone_is_a_temporary_failure_for_the_sender() {
        let receiver = receiver().await;
        std::fs::remove_dir_all(receiver._home.path().join("mails")).unwrap();
        let mailer = Mailer::smtp(&format!("smtp://{}", receiver.address), &Sender::sample()).unwrap();
        let mail = Letter::samples()[0].compose(Lang::En, &Sender::sample());
        let error = mailer.send(Uuid::nil(), "a@mail.example", &mail, chrono::DateTime::UNIX_EPOCH).await.unwrap_err();
        assert!(matches!(error, MailError::Temporary { reply: Some(451) }), "{error}");
    }
}
