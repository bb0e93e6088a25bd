//! `openid-client` from npm, the library of most services on Node.js.

mod basics;
mod forms;
mod machines;

use idp_tests::{App, Client, Member, OpenAir, OpenidClient, Page, encoded};
use serde_json::{Value, json};

/// The library as one registered client.
struct Party {
    library: OpenidClient,
    rp: Client,
}

impl Party {
    /// The library reads discovery and learns who it is.
    async fn meet(rp: Client, more: Value) -> Self {
        Self::with(OpenidClient::start(), rp, more).await
    }

    async fn with(mut library: OpenidClient, rp: Client, more: Value) -> Self {
        let mut who = json!({
            "issuer": rp.app().issuer(),
            "client_id": rp.id(),
            "method": rp.client.authentication.method(),
            "secret": rp.secret.reveal(),
        });
        merge(&mut who, more);
        library.call("discover", who).await;
        Self { library, rp }
    }

    /// The URL to send the browser to.
    async fn ask(&mut self, how: Value) -> String {
        let mut parameters = json!({ "redirect_uri": self.rp.redirect_uri, "scope": self.rp.scope });
        merge(&mut parameters, how["parameters"].clone());
        let request = json!({ "parameters": parameters, "jar": how["jar"], "par": how["par"] });
        self.library.call("authorize", request).await.as_str().expect("a URL").to_owned()
    }

    /// The whole sign-in; what the library says of the tokens.
    async fn sign_in(&mut self, member: &mut Member, how: Value) -> Value {
        let url = self.ask(how).await;
        let page = walk(member, &url).await;
        self.library.call("callback", callback(&page)).await
    }
}

fn merge(into: &mut Value, more: Value) {
    if let Value::Object(more) = more {
        into.as_object_mut().expect("an object").extend(more);
    }
}

/// Follows `url` through the provider's pages until the browser leaves: signs in, agrees.
async fn walk(member: &mut Member, url: &str) -> Page {
    let mut page = member.browser.get(url).await;
    for _ in 0..4 {
        page = match page.place() {
            _ if page.away.is_some() => break,
            "/login" => member.sign_in_at(&page).await,
            "/consent" => member.browser.submit(page.form("/consent").with("decision", "allow")).await,
            _ => break,
        };
    }
    page
}

/// The answer as the service receives it: a URL, or a form sent to one.
fn callback(page: &Page) -> Value {
    if page.away.is_some() {
        return json!({ "url": page.left_for() });
    }
    let form = page.forms().into_iter().find(|form| form.action.contains("://"));
    let form = form.unwrap_or_else(|| panic!("no answer, but {}: {}", page.path, page.text("main")));
    json!({ "url": form.action, "form": encoded(&form.fields) })
}

async fn start() -> (OpenAir, App) {
    let air = OpenAir::start().await;
    let app = air.app.clone();
    (air, app)
}
