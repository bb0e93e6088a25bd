//! Requests to ThaID, whose own metadata names where they go: judged as those to clients' addresses are.

use idp_core::client::OutgoingUri;
use idp_verify::thaid::{HttpRequest, HttpResponse, Transport};
use idp_verify::{BoxFuture, Unavailable};

use super::{Egress, EgressError, failure};

/// More than ThaID's metadata, keys and tokens have together.
const LONGEST: usize = 256 * 1024;

impl Transport for Egress {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, Unavailable>> {
        Box::pin(async move {
            tokio::time::timeout(self.timeout, self.relay(request)).await.unwrap_or(Err(EgressError::Timeout)).map_err(
                |error| match error {
                    EgressError::Timeout => Unavailable::Timeout,
                    EgressError::Status(status) => Unavailable::Status(status),
                    EgressError::TooLong => Unavailable::Malformed,
                    EgressError::Forbidden | EgressError::Unreachable => {
                        tracing::warn!("ThaID cannot be reached: {error}");
                        Unavailable::Refused
                    }
                },
            )
        })
    }
}

impl Egress {
    async fn relay(&self, request: HttpRequest) -> Result<HttpResponse, EgressError> {
        let (head, body) = request.into_parts();
        let uri = OutgoingUri::parse(&head.uri.to_string()).map_err(|_| EgressError::Forbidden)?;
        let url = self.rules.admit(&uri)?;
        let sent = self.client()?.request(head.method, url).headers(head.headers).body(body).send();
        let mut answer = sent.await.map_err(failure)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failure)? {
            if body.len() + chunk.len() > LONGEST {
                return Err(EgressError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}
