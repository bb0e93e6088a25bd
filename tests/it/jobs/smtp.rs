//! A mail server that answers as it is told, and remembers whom it was sent mail for.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The server. It answers `reply` to every recipient.
pub(super) struct MailServer {
    address: SocketAddr,
    recipients: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    pub(super) async fn start(reply: &'static str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it listens");
        let recipients = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&recipients);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, reply, Arc::clone(&seen)));
            }
        });
        Self { address, recipients }
    }

    pub(super) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Everybody for whom mail was offered.
    pub(super) fn recipients(&self) -> Vec<String> {
        self.recipients.lock().expect("nobody panics here").clone()
    }
}

async fn converse(stream: TcpStream, reply: &str, seen: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 mail.test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer = match line.split(' ').next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => "250-mail.test\r\n250 8BITMIME",
            "RCPT" => {
                seen.lock().expect("nobody panics here").push(line);
                reply
            }
            "QUIT" => "221 goodbye",
            _ => "250 fine",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
