//! What both simulators stand on: a small HTTP server on hyper that can be told to behave badly, and counts its calls.
//!
//! For the demo and for tests. To count by number it keeps safe test numbers in memory, and no others: somebody may try
//! the demo with their own.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Interval, MissedTickBehavior, interval};
use url::Url;

use crate::outgoing::REQUEST_ID;

/// The longest request a simulator reads, in bytes.
const LONGEST_REQUEST: usize = 16 * 1024;
/// How many request addresses and how many different safe test numbers are remembered.
const MEMORY: usize = 1024;
/// The pause between two bytes of an answer that drips.
const DRIP: Duration = Duration::from_millis(50);

/// How the simulated system behaves, whoever is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// It answers from its table.
    Fine,
    /// It closes every connection without an answer.
    Outage,
    /// It takes requests and never answers.
    Hang,
    /// It answers a byte at a time, without end.
    Drip,
    /// It answers 503 and nothing more.
    Status503,
    /// It plays back its first answer to whoever asks the same path, as a recording would.
    Replay,
    /// It answers more bytes than anyone should read.
    Flood,
}

/// A simulator at work. Dropped, it stops; [`Self::shutdown`] also waits until it has.
pub struct RunningSimulator {
    address: SocketAddr,
    stage: Arc<Stage>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl RunningSimulator {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as the base address of a client's settings.
    pub fn base_url(&self) -> Url {
        Url::parse(&format!("http://{}/", self.address)).expect("a socket address is the authority of a URL")
    }

    /// Changes how it behaves from the next request on.
    pub fn set_weather(&self, weather: Weather) {
        self.stage.memory().weather = weather;
    }

    /// How many times anybody was asked about, tokens not counted.
    pub fn calls(&self) -> u64 {
        self.stage.memory().calls
    }

    /// How many times this number (13 digits, office code 0000) was asked about.
    pub fn calls_for(&self, number: &str) -> u64 {
        self.stage.memory().calls_by_number.get(number).copied().unwrap_or(0)
    }

    /// How many tokens were asked for.
    pub fn token_calls(&self) -> u64 {
        self.stage.memory().token_calls
    }

    /// The addresses of the last requests, oldest first: what a proxy or an access log would have kept.
    pub fn urls(&self) -> Vec<String> {
        self.stage.memory().urls.iter().cloned().collect()
    }

    /// Forgets every token it gave out, as a restarted exchange would.
    pub fn forget_tokens(&self) {
        self.stage.token_age.fetch_add(1, Ordering::Relaxed);
    }

    /// Stops listening, closes every connection and waits for it.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        // An error would mean the server had ended by itself: it is gone either way.
        let _ended = (&mut self.server).await;
    }
}

impl Drop for RunningSimulator {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What a system does with a request, in its own dialect.
pub(crate) trait Dialect: Send + Sync + 'static {
    fn act(&self, request: &Asked) -> Scene;
}

/// A request as it came.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Tokens of another age are not known any more.
    pub(crate) token_age: u64,
}

impl Asked {
    /// A header's value, empty when absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// What is answered, and what is counted for it.
pub(crate) struct Scene {
    pub(crate) count: Count,
    pub(crate) act: Act,
}

impl Scene {
    pub(crate) fn uncounted(status: StatusCode, body: &str) -> Self {
        Self { count: Count::Nothing, act: Act::Answer { status, body: body.to_owned() } }
    }
}

/// What a request counts as.
pub(crate) enum Count {
    Nothing,
    Token,
    Person { number: String },
}

/// How a request is answered.
#[derive(Clone)]
pub(crate) enum Act {
    Answer { status: StatusCode, body: String },
    Late { after: Duration, body: String },
    Drip,
    Close,
}

/// What all connections share.
struct Stage {
    memory: Mutex<Memory>,
    token_age: AtomicU64,
}

struct Memory {
    weather: Weather,
    calls: u64,
    calls_by_number: HashMap<String, u64>,
    token_calls: u64,
    urls: VecDeque<String>,
    /// The first answer on each path, for [`Weather::Replay`].
    recorded: HashMap<String, Recording>,
}

#[derive(Clone)]
struct Recording {
    status: StatusCode,
    request_id: Option<HeaderValue>,
    body: String,
}

impl Stage {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn remember(&mut self, uri: &Uri, count: Count) {
        if self.urls.len() == MEMORY {
            self.urls.pop_front();
        }
        self.urls.push_back(uri.to_string());
        match count {
            Count::Nothing => {}
            Count::Token => self.token_calls += 1,
            Count::Person { number } => {
                self.calls += 1;
                let safe = number.get(1..5) == Some("0000");
                if safe && (self.calls_by_number.len() < MEMORY || self.calls_by_number.contains_key(&number)) {
                    *self.calls_by_number.entry(number).or_default() += 1;
                }
            }
        }
    }
}

/// Listens on `address` (port 0 takes a free one) and answers in `dialect` until told to stop.
pub(crate) async fn start(address: SocketAddr, dialect: impl Dialect) -> io::Result<RunningSimulator> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let stage = Arc::new(Stage {
        memory: Mutex::new(Memory {
            weather: Weather::Fine,
            calls: 0,
            calls_by_number: HashMap::new(),
            token_calls: 0,
            urls: VecDeque::new(),
            recorded: HashMap::new(),
        }),
        token_age: AtomicU64::new(0),
    });
    let (stop, stopped) = watch::channel(false);
    let server = tokio::spawn(listen(listener, stage.clone(), Arc::new(dialect), stopped));
    Ok(RunningSimulator { address, stage, stop, server })
}

async fn listen(
    listener: TcpListener,
    stage: Arc<Stage>,
    dialect: Arc<dyn Dialect>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, stage.clone(), dialect.clone()));
                }
                // Out of file descriptors, most likely: a moment later there may be one.
                Err(_) => tokio::time::sleep(DRIP).await,
            }
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, stage: Arc<Stage>, dialect: Arc<dyn Dialect>) {
    let answer = service_fn(|request| answer(request, &stage, &*dialect));
    // An error is a client that left or a connection closed on purpose: nothing to tell anybody.
    let _closed = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

/// The error of this service makes hyper close the connection: that is how an outage looks.
async fn answer(request: Request<Incoming>, stage: &Stage, dialect: &dyn Dialect) -> io::Result<Response<Played>> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LONGEST_REQUEST).collect().await.map_err(|_| closed())?.to_bytes();
    let request_id = head.headers.get(REQUEST_ID).cloned();
    let asked = Asked {
        method: head.method,
        uri: head.uri,
        headers: head.headers,
        body,
        token_age: stage.token_age.load(Ordering::Relaxed),
    };
    let Scene { count, act } = dialect.act(&asked);
    let path = asked.uri.path().to_owned();
    let (weather, recorded) = {
        let mut memory = stage.memory();
        memory.remember(&asked.uri, count);
        if let Act::Answer { status, body } = &act {
            let recording = Recording { status: *status, request_id: request_id.clone(), body: body.clone() };
            memory.recorded.entry(path.clone()).or_insert(recording);
        }
        (memory.weather, memory.recorded.get(&path).cloned())
    };
    match (weather, recorded) {
        (Weather::Fine, _) | (Weather::Replay, None) => play(act, request_id).await,
        (Weather::Replay, Some(first)) => Ok(response(first.status, first.request_id, Played::whole(first.body))),
        (Weather::Outage, _) => Err(closed()),
        (Weather::Hang, _) => std::future::pending().await,
        (Weather::Drip, _) => play(Act::Drip, request_id).await,
        (Weather::Status503, _) => Ok(response(StatusCode::SERVICE_UNAVAILABLE, request_id, Played::whole(""))),
        (Weather::Flood, _) => Ok(response(StatusCode::OK, request_id, Played::flood())),
    }
}

async fn play(act: Act, request_id: Option<HeaderValue>) -> io::Result<Response<Played>> {
    match act {
        Act::Answer { status, body } => Ok(response(status, request_id, Played::whole(body))),
        Act::Late { after, body } => {
            tokio::time::sleep(after).await;
            Ok(response(StatusCode::OK, request_id, Played::whole(body)))
        }
        Act::Drip => Ok(response(StatusCode::OK, request_id, Played::drip())),
        Act::Close => Err(closed()),
    }
}

fn closed() -> io::Error {
    io::ErrorKind::ConnectionAborted.into()
}

fn response(status: StatusCode, request_id: Option<HeaderValue>, body: Played) -> Response<Played> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    if let Some(id) = request_id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The body of an answer.
enum Played {
    Whole(Option<Bytes>),
    Endless { pace: Option<Interval>, piece: &'static [u8] },
}

impl Played {
    fn whole(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::Whole((!text.is_empty()).then(|| Bytes::from(text)))
    }

    fn drip() -> Self {
        let mut pace = interval(DRIP);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self::Endless { pace: Some(pace), piece: b" " }
    }

    fn flood() -> Self {
        Self::Endless { pace: None, piece: &[b' '; 4096] }
    }
}

impl Body for Played {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match self.get_mut() {
            Self::Whole(text) => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
            Self::Endless { pace, piece } => {
                if let Some(pace) = pace {
                    ready!(pace.poll_tick(context));
                }
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(piece)))))
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::net::Ipv4Addr;

    use idp_core::thai::{AcceptedNumbers, NationalId};
    use uuid::Uuid;

    use super::*;
    use crate::outgoing::{MonotonicClock, RequestIds};

    pub(crate) const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

    /// A clock that stands until it is moved.
    #[derive(Clone, Default)]
    pub(crate) struct ManualClock(Arc<AtomicU64>);

    impl ManualClock {
        pub(crate) fn reader(&self) -> MonotonicClock {
            let millis = self.0.clone();
            Arc::new(move || Duration::from_millis(millis.load(Ordering::SeqCst)))
        }

        pub(crate) fn advance(&self, by: Duration) {
            let millis = u64::try_from(by.as_millis()).expect("a short time");
            self.0.fetch_add(millis, Ordering::SeqCst);
        }
    }

    /// Ids in order: 1, 2, 3 …
    pub(crate) fn counted_ids() -> RequestIds {
        let next = AtomicU64::new(1);
        Arc::new(move || Uuid::from_u128(next.fetch_add(1, Ordering::SeqCst).into()))
    }

    pub(crate) fn number(digits: &str) -> NationalId {
        NationalId::parse(digits, AcceptedNumbers::WithTestNumbers).expect("a safe test number")
    }

    struct Silent;

    impl Dialect for Silent {
        fn act(&self, _request: &Asked) -> Scene {
            Scene::uncounted(StatusCode::OK, "{}")
        }
    }

    #[tokio::test]
    async fn after_shutdown_nobody_listens() {
        let running = start(LOOPBACK, Silent).await.expect("a free port");
        let address = running.addr();
        assert!(TcpStream::connect(address).await.is_ok());
        running.shutdown().await;
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn a_busy_port_is_an_error() {
        let running = start(LOOPBACK, Silent).await.expect("a free port");
        assert!(start(running.addr(), Silent).await.is_err());
        running.shutdown().await;
    }
}
