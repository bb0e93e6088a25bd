//! The provider on a real socket with the time that it is, for programs that are not ours; and a browser for them.

use std::collections::BTreeMap;

use idp_web::config::Config;
use idp_web::run;
use idp_web::time::{Clock as _, SystemClock};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use crate::{App, Browser, Page};

/// A provider that listens. It stops listening when this goes.
pub struct OpenAir {
    /// The provider; its issuer is the address it listens on.
    pub app: App,
    _stop: DropGuard,
}

impl OpenAir {
    /// Starts a provider on SQLite and memory.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("its address");
        let app = App::start_with(|config| {
            config.server.issuer = format!("http://{address}");
            change(config);
        })
        .await;
        app.clock().set(SystemClock.now());
        let stop = CancellationToken::new();
        tokio::spawn(run::serve(app.provider().clone(), listener, stop.clone()));
        Self { app, _stop: stop.drop_guard() }
    }
}

/// A person's browser between a service, which it reaches by HTTP, and the provider, whose pages it knows how to fill in.
pub struct Traveller {
    /// At the provider.
    pub home: Browser,
    http: reqwest::Client,
}

/// A page of a service.
#[derive(Debug)]
pub struct Abroad {
    /// Where it was found, after all redirects.
    pub url: Url,
    /// Its status.
    pub status: u16,
    /// Its headers, names in small letters.
    pub headers: BTreeMap<String, String>,
    /// Its text.
    pub body: String,
}

impl Traveller {
    /// A browser with the provider's cookies of `home`, and none of any service.
    pub fn new(home: Browser) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).cookie_store(true).build();
        Self { home, http: http.expect("an HTTP client without TLS settings") }
    }

    /// Opens a page of a service and follows where it leads, until there is a page of either side.
    ///
    /// # Errors
    /// The provider's page that wants something of the person.
    pub async fn open(&mut self, url: &str) -> Result<Abroad, Box<Page>> {
        let mut url = Url::parse(url).expect("a URL");
        let issuer = self.home.app().issuer().to_owned();
        for _ in 0..20 {
            if url.as_str().starts_with(&issuer) {
                let page = self.home.get(url.as_str()).await;
                if page.away.is_none() {
                    return Err(Box::new(page));
                }
                url = page.left_for();
                continue;
            }
            let reply = self.http.get(url.clone()).send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
            match reply.headers().get("location").filter(|_| reply.status().is_redirection()) {
                Some(next) => url = url.join(next.to_str().expect("ASCII")).expect("a URL to go to"),
                None => {
                    let status = reply.status().as_u16();
                    let text =
                        |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
                    let headers = reply.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
                    return Ok(Abroad { url, status, headers, body: reply.text().await.unwrap_or_default() });
                }
            }
        }
        panic!("redirects in a circle at {url}");
    }
}
