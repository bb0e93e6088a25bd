//! The traffic log (Computer Crime Act B.E. 2550, section 26): each request of a member, and each attempt to become one, with
//! its address and port. Handlers say whose a request is; lines gather in memory and are written every second, so that
//! nobody waits for it. How many may gather is bounded, and what does not fit is told in the program's log.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::{ConnectInfo, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use idp_core::id::{AccountId, ClientId, SessionId};
use idp_store::{Store, StoreError, TrafficLine};

use crate::figures::Endpoint;
use crate::proxy::source_of;
use crate::state::App;

/// Lines that wait at most: minutes of a busy node while the database is away.
const MOST: usize = 100_000;
/// Lines written in one go.
const BATCH: usize = 2_000;

/// Whose a request is, as far as its handler has found out.
#[derive(Clone, Debug, Default)]
struct Known {
    account: Option<AccountId>,
    session: Option<SessionId>,
    client: Option<ClientId>,
}

tokio::task_local! {
    static KNOWN: RefCell<Known>;
}

/// The request that is being answered is this member's; outside of a request nothing happens.
pub fn member(account: AccountId, session: Option<SessionId>) {
    let _ = KNOWN.try_with(|known| {
        let mut known = known.borrow_mut();
        known.account = Some(account);
        known.session = session.or(known.session);
    });
}

/// The request that is being answered is for this service.
pub fn client(id: &ClientId) {
    let _ = KNOWN.try_with(|known| known.borrow_mut().client = Some(id.clone()));
}

/// Answers a request, and notes whose it was.
pub async fn noted(app: &App, endpoint: Endpoint, request: Request, next: Next) -> Response {
    let at = app.now();
    let method = request.method().clone();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    let source = peer.map(|peer| source_of(peer, request.headers(), &app.config.server.proxies()));
    let (response, known) = KNOWN
        .scope(RefCell::default(), async {
            let response = next.run(request).await;
            (response, KNOWN.try_with(|known| known.take()).unwrap_or_default())
        })
        .await;
    let attempt = method == Method::POST && matches!(endpoint, Endpoint::SignIn | Endpoint::Register);
    if known.account.is_some() || attempt {
        let mut id = [0; 16];
        app.chance.fill(&mut id);
        let (address, port) = source.map_or((String::new(), None), |(address, port)| (address.to_string(), port));
        app.traffic.note(TrafficLine {
            id: uuid::Builder::from_random_bytes(id).into_uuid(),
            at,
            endpoint: endpoint.as_str().to_owned(),
            method: method.as_str().to_owned(),
            status: response.status().as_u16(),
            account_id: known.account,
            session_id: known.session,
            client_id: known.client,
            address,
            port,
        });
    }
    response
}

/// The lines of this node that were not written yet.
#[derive(Debug, Default)]
pub struct Traffic(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<TrafficLine>,
    lost: u64,
}

impl Traffic {
    fn note(&self, line: TrafficLine) {
        let mut waiting = self.lock();
        if waiting.lines.len() < MOST {
            waiting.lines.push(line);
        } else {
            waiting.lost += 1;
        }
    }

    /// Writes what waits now. Lines that come meanwhile wait for the next time: on a busy node there would be a new one
    /// after each commit, and each would get a commit of its own.
    ///
    /// # Errors
    /// [`StoreError`]; what was not written waits on. A line that was written all the same is not written twice.
    pub async fn flush(&self, store: &Store) -> Result<(), StoreError> {
        let Waiting { mut lines, lost } = std::mem::take(&mut *self.lock());
        if lost > 0 {
            tracing::error!(lost, "lines of the traffic log found no room: the database was away too long");
        }
        while !lines.is_empty() {
            let batch = lines[..lines.len().min(BATCH)].to_vec();
            let written = batch.len();
            if let Err(error) = store.add_traffic(batch).await {
                let mut waiting = self.lock();
                lines.append(&mut waiting.lines);
                waiting.lines = lines;
                return Err(error);
            }
            lines.drain(..written);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
