//! Takes connections: no more than there is room for, none that dawdles, and all of them ended on time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// The longest request line and headers together, in bytes; what is longer is answered with 431.
const LONGEST_HEAD: usize = 64 * 1024;
/// How long the listener rests when the system gives it no more descriptors.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_secs(1);

/// What a peer is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections open at once; further ones wait in the system's queue.
    pub connections: usize,
    /// How long the head of a request may take, and a connection be idle before the next one.
    pub head: Duration,
}

/// Serves `router` on every connection until `stop` is cancelled and open requests are answered.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let open = TaskTracker::new();
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(LONGEST_HEAD);
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = Arc::clone(&room).acquire_owned() => place,
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (builder, router, stop) = (builder.clone(), router.clone(), stop.clone());
                open.spawn(async move {
                    connection(&builder, stream, peer, router, &stop).await;
                    drop(place);
                });
            }
            // The peer is gone already.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::error!("no connection can be taken: {error}");
                tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
            }
        }
    }
    // Nobody is let in any more while the last ones are answered.
    drop(listener);
    open.close();
    open.wait().await;
}

async fn connection(
    builder: &http1::Builder,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    stop: &CancellationToken,
) {
    // Answers are written in one go: waiting for more to send with them only delays them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let mut served = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        // A browser that goes away or dawdles is nobody's fault here.
        tracing::debug!("a connection ended: {error}");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    struct Server {
        address: SocketAddr,
        stop: CancellationToken,
        served: tokio::task::JoinHandle<()>,
    }

    async fn server(limits: Limits) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let slow = async || {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "slow"
        };
        let who = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string();
        let router = Router::new().route("/", get(who)).route("/slow", get(slow));
        let stop = CancellationToken::new();
        let served = tokio::spawn(serve(listener, router, limits, stop.clone()));
        Server { address, stop, served }
    }

    const ROOMY: Limits = Limits { connections: 100, head: Duration::from_secs(30) };

    async fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_handler_knows_its_peer() {
        let server = server(ROOMY).await;
        assert!(ask(server.address, "/").await.ends_with("127.0.0.1"));
    }

    #[tokio::test]
    async fn s121_a_head_that_never_ends_is_cut_off() {
        let server = server(Limits { head: Duration::from_millis(200), ..ROOMY }).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let mut sent = 0;
        // A byte now and then, as long as anybody listens.
        while stream.write_all(b"G").await.is_ok() && sent < 1000 {
            sent += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(sent < 1000, "the connection was never closed");
        assert!(ask(server.address, "/").await.ends_with("127.0.0.1"));
    }

    #[tokio::test]
    async fn s121_dawdlers_keep_nobody_out_for_long() {
        let server = server(Limits { connections: 4, head: Duration::from_millis(200) }).await;
        let mut dawdlers = Vec::new();
        for _ in 0..20 {
            dawdlers.push(TcpStream::connect(server.address).await.unwrap());
        }
        assert!(ask(server.address, "/").await.ends_with("127.0.0.1"));
        drop(dawdlers);
    }

    #[tokio::test]
    async fn a_head_that_is_too_long_is_refused() {
        let server = server(ROOMY).await;
        let long = "a".repeat(LONGEST_HEAD + 1);
        let answer = ask(server.address, &format!("/?{long}")).await;
        assert!(answer.starts_with("HTTP/1.1 431") || answer.starts_with("HTTP/1.1 414"), "{answer}");
    }

    #[tokio::test]
    async fn what_was_begun_is_answered_before_the_end() {
        let server = server(ROOMY).await;
        let waiting = tokio::spawn(ask(server.address, "/slow"));
        let idle = TcpStream::connect(server.address).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.stop.cancel();
        assert!(waiting.await.unwrap().ends_with("slow"));
        server.served.await.unwrap();
        assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
        drop(idle);
    }
}
