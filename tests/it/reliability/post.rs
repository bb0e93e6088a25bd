//! A mail server that keeps what it was given, and can be told to say nothing when a mail has arrived.

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};

/// The server. It ends with the test.
#[derive(Clone)]
pub(super) struct Post(Arc<Inner>);

struct Inner {
    address: SocketAddr,
    mails: Mutex<Vec<String>>,
    /// The mail after which it falls silent before it has said that it took it.
    silent_at: AtomicUsize,
    encrypted: AtomicUsize,
    tls: Option<(SslAcceptor, Vec<u8>)>,
    closed: AtomicBool,
}

impl Post {
    /// Without encryption.
    pub(super) fn start() -> Self {
        Self::serve(None)
    }

    /// With STARTTLS, under a certificate for `localhost` of its own.
    pub(super) fn with_tls() -> Self {
        let (key, certificate) = certificate();
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
        acceptor.set_private_key(&key).unwrap();
        acceptor.set_certificate(&certificate).unwrap();
        Self::serve(Some((acceptor.build(), certificate.to_pem().unwrap())))
    }

    fn serve(tls: Option<(SslAcceptor, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let post = Self(Arc::new(Inner {
            address: listener.local_addr().expect("it listens"),
            mails: Mutex::default(),
            silent_at: AtomicUsize::new(usize::MAX),
            encrypted: AtomicUsize::new(0),
            tls,
            closed: AtomicBool::new(false),
        }));
        let server = post.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                std::thread::spawn(move || server.greet(stream));
            }
        });
        post
    }

    pub(super) fn port(&self) -> u16 {
        self.0.address.port()
    }

    /// The certificate, as an operator trusts it.
    pub(super) fn certificate(&self) -> &[u8] {
        self.0.tls.as_ref().map_or(&[], |(_, pem)| pem)
    }

    /// From now on it says nothing once it has `count` mails in all.
    pub(super) fn fall_silent_at(&self, count: usize) {
        self.0.silent_at.store(count, Ordering::SeqCst);
    }

    /// From now on nobody is greeted, or everybody again.
    pub(super) fn close(&self, closed: bool) {
        self.0.closed.store(closed, Ordering::SeqCst);
    }

    /// The mails, as they came.
    pub(super) fn mails(&self) -> Vec<String> {
        self.0.mails.lock().unwrap().clone()
    }

    /// The Message-ID of each.
    pub(super) fn ids(&self) -> Vec<String> {
        let id = |mail: &String| mail.lines().find_map(|line| line.strip_prefix("Message-ID: ")).map(str::to_owned);
        self.mails().iter().map(|mail| id(mail).expect("every mail has one")).collect()
    }

    /// Mails that came over an encrypted connection.
    pub(super) fn encrypted(&self) -> usize {
        self.0.encrypted.load(Ordering::SeqCst)
    }

    fn greet(&self, mut stream: std::net::TcpStream) {
        if self.0.closed.load(Ordering::SeqCst) || stream.write_all(b"220 mail.test\r\n").is_err() {
            return;
        }
        let offer = self.0.tls.is_some();
        if let Some(After::Encrypt) = self.converse(&mut BufReader::new(&stream), &stream, offer)
            && let Some((acceptor, _)) = &self.0.tls
            && let Ok(encrypted) = acceptor.accept(stream)
        {
            let both = Both(std::cell::RefCell::new(encrypted));
            self.converse(&mut BufReader::new(&both), &both, false);
        }
    }

    /// One conversation; `None` when the other side has gone.
    fn converse(&self, read: &mut impl std::io::BufRead, write: impl Write, offer: bool) -> Option<After> {
        let mut write = write;
        let mut line = String::new();
        loop {
            line.clear();
            if read.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let answer = match line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase().as_str() {
                "EHLO" if offer => "250-mail.test\r\n250-8BITMIME\r\n250 STARTTLS",
                "EHLO" => "250-mail.test\r\n250 8BITMIME",
                "STARTTLS" => {
                    write.write_all(b"220 go ahead\r\n").ok()?;
                    return Some(After::Encrypt);
                }
                // What must not be said in the clear is refused there.
                "MAIL" if offer => "530 5.7.0 STARTTLS first",
                "DATA" => {
                    write.write_all(b"354 go ahead\r\n").ok()?;
                    let mut mail = String::new();
                    loop {
                        line.clear();
                        if read.read_line(&mut line).ok()? == 0 {
                            return None;
                        }
                        if line == ".\r\n" {
                            break;
                        }
                        mail.push_str(&line);
                    }
                    let count = {
                        let mut mails = self.0.mails.lock().ok()?;
                        mails.push(mail);
                        mails.len()
                    };
                    if self.0.tls.is_some() {
                        self.0.encrypted.fetch_add(1, Ordering::SeqCst);
                    }
                    if count >= self.0.silent_at.load(Ordering::SeqCst) {
                        // Until the other side is gone.
                        let _ = read.read_line(&mut line);
                        return None;
                    }
                    "250 taken"
                }
                "QUIT" => "221 goodbye",
                _ => "250 fine",
            };
            write.write_all(answer.as_bytes()).ok()?;
            write.write_all(b"\r\n").ok()?;
        }
    }
}

enum After {
    Encrypt,
}

/// A stream that is read and written through one reference.
struct Both<S>(std::cell::RefCell<S>);

impl<S: Read> Read for &Both<S> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().read(bytes)
    }
}

impl<S: Write> Write for &Both<S> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

fn certificate() -> (PKey<Private>, X509) {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "localhost").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    let names = SubjectAlternativeName::new().dns("localhost").build(&builder.x509v3_context(None, None)).unwrap();
    builder.append_extension(names).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    (key, builder.build())
}
