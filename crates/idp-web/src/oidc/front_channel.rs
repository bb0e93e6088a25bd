//! OpenID Connect Front-Channel Logout 1.0: the signed-out page shows, in frames nobody sees, a page of each service that
//! this browser is signed in to; each ends its own session. Browsers that keep other sites' cookies back in frames leave
//! such a service signed in: the message behind the scenes (`jobs/logout.rs`) has no such gap.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::error::AppError;
use crate::extract::{Member, Visitor};
use crate::middleware::Frames;
use crate::state::App;
use crate::view::Page as _;
use crate::view::page::SignedOutPage;
use crate::view::shell::Shell;

/// More services than anybody is signed in to at once.
const MOST: usize = 32;

/// A service's page.
pub struct Frame {
    /// Its address, with `iss` and `sid`.
    pub src: String,
    origin: String,
}

/// The pages of the services that were given tokens in this session; to be asked before it ends.
///
/// # Errors
/// When the store is down.
pub async fn frames(app: &App, member: &Member) -> Result<Vec<Frame>, AppError> {
    let mut frames = Vec::new();
    for (id, sid) in app.store.front_channel_clients(member.session.account_id, member.session.id).await? {
        let client = app.store.client(&id).await?;
        if let Some(uri) = client.as_ref().and_then(|client| client.logout.front.as_ref())
            && frames.len() < MOST
        {
            frames.push(Frame { src: uri.with(app.issuer(), &sid.to_string()), origin: uri.origin() });
        }
    }
    Ok(frames)
}

/// The page that says it is done, with these frames and nothing else from elsewhere; it leads on to `return_to`.
pub fn page(visitor: &Visitor, frames: Vec<Frame>, return_to: Option<&str>) -> Response {
    let mut origins: Vec<String> = frames.iter().map(|frame| frame.origin.clone()).collect();
    origins.sort_unstable();
    origins.dedup();
    let page = SignedOutPage {
        shell: Shell { member: None, ..visitor.shell() },
        frames: frames.into_iter().map(|frame| frame.src).collect(),
        return_to: return_to.map(str::to_owned),
    };
    let mut response = page.render_response(StatusCode::OK).into_response();
    response.extensions_mut().insert(Frames(origins));
    response
}
