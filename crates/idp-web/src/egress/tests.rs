//! What may be asked, and what an answer may cost (S091). Everything is on this machine; no name is really resolved.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

fn rules(loopback: bool, networks: &[&str]) -> Rules {
    Rules { loopback, networks: networks.iter().map(|network| network.parse().unwrap()).collect() }
}

#[test]
fn only_public_addresses_are_asked() {
    let strict = rules(false, &[]);
    for private in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.8.8.8",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.9.9",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "ff02::1",
        "2001::1",
        "2001:db8::1",
        "2002:a00:1::",
        "3fff::1",
    ] {
        assert!(!strict.allow(private.parse().unwrap()), "{private}");
    }
    for public in
        ["1.1.1.1", "172.32.0.1", "100.128.0.1", "203.0.114.1", "2606:4700::1111", "2001:200::1", "::ffff:1.1.1.1"]
    {
        assert!(strict.allow(public.parse().unwrap()), "{public}");
    }
}

#[test]
fn settings_open_this_machine_and_named_networks_and_nothing_else() {
    let open = |rules: &Rules, address: &str| rules.allow(address.parse().unwrap());
    let trial = rules(true, &[]);
    assert!(open(&trial, "127.0.0.1") && open(&trial, "::1") && open(&trial, "::ffff:127.0.0.1"));
    assert!(!open(&trial, "10.0.0.1") && !open(&trial, "169.254.169.254"));
    let ministry = rules(false, &["10.20.0.0/16", "169.254.0.0/16", "127.0.0.0/8"]);
    assert!(open(&ministry, "10.20.3.4") && open(&ministry, "::ffff:10.20.3.4"));
    assert!(!open(&ministry, "10.21.0.1") && !open(&ministry, "169.254.169.254") && !open(&ministry, "127.0.0.1"));
}

#[test]
fn plain_http_and_written_addresses_are_judged_before_anything_is_sent() {
    let admit = |rules: &Rules, uri: &str| rules.admit(&OutgoingUri::parse(uri).unwrap()).is_ok();
    let (strict, trial) = (rules(false, &[]), rules(true, &[]));
    for uri in ["http://localhost/jwks", "http://127.0.0.1/jwks", "https://127.0.0.1/jwks", "https://[::1]/jwks"] {
        assert!(!admit(&strict, uri) && admit(&trial, uri), "{uri}");
    }
    for uri in ["https://10.0.0.1/jwks", "https://169.254.169.254/latest", "https://[fd00::1]/"] {
        assert!(!admit(&strict, uri) && !admit(&trial, uri), "{uri}");
    }
    assert!(admit(&strict, "https://1.1.1.1/jwks") && admit(&strict, "https://rp.example/jwks"));
}

/// A resolver that gives the next of its answers each time it is asked.
struct Rebinding(Mutex<Vec<IpAddr>>);

impl Names for Rebinding {
    fn look_up(&self, _: String) -> Found {
        let mut answers = self.0.lock().unwrap();
        let next = if answers.is_empty() { Vec::new() } else { vec![SocketAddr::new(answers.remove(0), 0)] };
        Box::pin(async move { Ok(next) })
    }
}

fn egress(loopback: bool, leads_to: &[&str]) -> Egress {
    let mut settings = config::Config::defaults().egress;
    (settings.allow_loopback, settings.timeout_seconds) = (loopback, 1);
    let answers = leads_to.iter().map(|address| address.parse().unwrap()).collect();
    Egress { names: Arc::new(Rebinding(Mutex::new(answers))), ..Egress::new(&settings).unwrap() }
}

/// A server on this machine that does `answer` for each connection; its port, and how many there were.
async fn server<F>(answer: impl Fn(TcpStream) -> F + Send + 'static) -> (u16, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (port, count) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            seen.fetch_add(1, Ordering::SeqCst);
            let mut head = [0; 4096];
            let _ = socket.read(&mut head).await;
            tokio::spawn(answer(socket));
        }
    });
    (port, count)
}

async fn get(egress: &Egress, uri: &str) -> Result<Vec<u8>, EgressError> {
    egress.get(&OutgoingUri::parse(uri).unwrap(), "application/json", 64 * 1024).await
}

#[tokio::test]
async fn s091_a_name_is_judged_by_where_it_leads_when_it_is_asked() {
    let (port, connections) = server(|mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await;
    })
    .await;
    let uri = format!("http://localhost:{port}/jwks.json");
    // The first answer is harmless; the next ones lead inside, with a name that is the same.
    let trial = egress(true, &["127.0.0.1", "169.254.169.254", "10.0.0.1", "::ffff:192.168.0.1", "0.0.0.0"]);
    assert_eq!(get(&trial, &uri).await, Ok(b"{}".to_vec()));
    for _ in 0..4 {
        assert_eq!(get(&trial, &uri).await, Err(EgressError::Forbidden));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    // Where this machine is not to be asked, no name leads there.
    let strict = egress(false, &["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
    for _ in 0..3 {
        assert_eq!(get(&strict, &format!("https://rp.example:{port}/")).await, Err(EgressError::Forbidden));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn s091_an_answer_without_end_is_cut_off() {
    let sent = Arc::new(AtomicUsize::new(0));
    let (count, done) = (Arc::clone(&sent), Arc::new(tokio::sync::Notify::new()));
    let over = Arc::clone(&done);
    let (port, _) = server(move |mut socket| {
        let (count, over) = (Arc::clone(&count), Arc::clone(&over));
        async move {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 104857600\r\n\r\n";
            let _ = socket.write_all(head.as_bytes()).await;
            let piece = vec![b' '; 64 * 1024];
            while count.load(Ordering::SeqCst) < 104_857_600 && socket.write_all(&piece).await.is_ok() {
                count.fetch_add(piece.len(), Ordering::SeqCst);
            }
            over.notify_one();
        }
    })
    .await;
    let egress = egress(true, &["127.0.0.1"]);
    assert_eq!(get(&egress, &format!("http://localhost:{port}/")).await, Err(EgressError::TooLong));
    done.notified().await;
    // What lay in the system's buffers was sent as well.
    assert!(sent.load(Ordering::SeqCst) < 16 << 20, "{} bytes", sent.load(Ordering::SeqCst));
}

#[tokio::test]
async fn s091_a_server_that_drips_is_left_and_a_redirect_is_not_followed() {
    let (inside, asked) = server(|_| async {}).await;
    let (silent, _) = server(|socket| async move {
        let _open = socket;
        std::future::pending::<()>().await;
    })
    .await;
    let trial = egress(true, &["127.0.0.1", "127.0.0.1"]);
    assert_eq!(get(&trial, &format!("http://localhost:{silent}/")).await, Err(EgressError::Timeout));
    let (redirecting, _) = server(move |mut socket| async move {
        let answer = format!("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{inside}/\r\ncontent-length: 0\r\n\r\n");
        let _ = socket.write_all(answer.as_bytes()).await;
    })
    .await;
    assert_eq!(get(&trial, &format!("http://localhost:{redirecting}/")).await, Err(EgressError::Status(302)));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
