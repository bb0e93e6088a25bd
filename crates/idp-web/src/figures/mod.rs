//! What the program does, counted: how many answers each endpoint gave, how long they took, what was delivered. A request
//! adds one to a number in memory; a job adds the numbers to the database every few seconds.

mod endpoint;
mod meter;

pub use endpoint::Endpoint;
pub use meter::{Delivery, Meter};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::state::App;

/// Counts the answer to every request.
pub async fn measure(State(app): State<App>, request: Request, next: Next) -> Response {
    let endpoint = Endpoint::of(request.extensions().get::<MatchedPath>().map(MatchedPath::as_str));
    let begun = app.meter.elapsed();
    let response = next.run(request).await;
    app.meter.answered(endpoint, response.status(), app.meter.elapsed().saturating_sub(begun));
    response
}
