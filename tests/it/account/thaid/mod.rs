//! ThaID as an upstream provider: signing in, verifying, and everything that must not work.

mod begin;
mod callback;
mod door;
mod sign_in;
mod verify;

use idp_tests::{App, Browser, Member, Page};
use idp_web::demo::thaid::Choice;

/// Somebody of the register who matches.
const NUMBER: &str = "1000000000017";

async fn start() -> App {
    App::start_with_thaid(|_| {}).await
}

/// A member who was verified through the registry, and their number.
async fn permanent(app: &App, name: &str) -> (Member, &'static str) {
    let member = app.insert_member(name).await;
    let citizen = app.promote(&member).await;
    (member, citizen.number)
}

fn person(number: &str) -> Choice {
    Choice::Person(number.to_owned())
}

/// Goes to ThaID by a path of ours; the address there.
async fn leave(browser: &mut Browser, path: &str) -> String {
    let page = browser.get(path).await;
    let url = page.away.unwrap_or_else(|| panic!("{path} leads to {}: {}", page.path, page.html));
    assert!(url.starts_with(browser.app().thaid().issuer()), "{url}");
    url
}

/// Where ThaID sends the browser back to.
fn answer(app: &App, url: &str, choice: &Choice) -> String {
    app.thaid().choose(url, choice).unwrap_or_else(|| panic!("ThaID refuses {url}"))
}

/// There and back.
async fn by_thaid(browser: &mut Browser, path: &str, choice: &Choice) -> Page {
    let app = browser.app().clone();
    let url = leave(browser, path).await;
    browser.get(&answer(&app, &url, choice)).await
}

/// Signs in through ThaID in a browser in which nobody is.
async fn sign_in(browser: &mut Browser, number: &str) -> Page {
    let page = browser.get("/login").await;
    let path = page.attribute("#sign-in-thaid", "href").expect("ThaID is offered");
    by_thaid(browser, &path, &person(number)).await
}
