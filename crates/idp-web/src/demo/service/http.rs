//! The HTTP client the relying party library speaks through.

use std::{future::Future, pin::Pin, time::Duration};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use thiserror::Error;

/// More than any answer of a provider.
const MAX_BODY: usize = 1024 * 1024;

#[derive(Clone)]
pub(super) struct Http(reqwest::Client);

/// The provider could not be reached, or did not answer sensibly. Says nothing of the request, which holds secrets.
#[derive(Debug, Error)]
pub(super) enum HttpError {
    #[error("the provider did not answer")]
    Unreachable,
    #[error("the provider's answer is too large")]
    TooLarge,
    #[error("the request or the answer is malformed")]
    Malformed,
}

impl Http {
    pub(super) fn new() -> Result<Http, reqwest::Error> {
        let client = reqwest::Client::builder()
            // A provider's endpoints do not redirect; following would carry secrets to where nobody meant them.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(10))
            // The demo talks to this machine only, whatever proxy the environment names.
            .no_proxy()
            .build()?;
        Ok(Http(client))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = reqwest::Request::try_from(request).map_err(|_| HttpError::Malformed)?;
        let mut answer = self.0.execute(request).await.map_err(|_| HttpError::Unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| HttpError::Unreachable)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
