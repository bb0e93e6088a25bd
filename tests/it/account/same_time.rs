//! S064: an address that somebody has is answered like one that nobody has: in status, text, headers and time.
//!
//! Time is compared as a statistic: in each of several rounds Welch's t of interleaved samples; only where every round says
//! that the same one is slower, beyond all doubt, is there a difference. One round alone decides nothing, since machines
//! are busy at times. `IDP_TIMING_SAMPLES` makes the rounds longer, and prints what they say.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use chrono::TimeDelta;
use idp_core::account::Membership;
use idp_tests::{App, Browser, Form, Reply};

use super::register::{at_code, at_email};

const ROUNDS: usize = 5;
/// Samples of each kind in a round.
const SAMPLES: usize = 16;
/// Beyond this a difference is one.
const CERTAIN: f64 = 4.5;

/// Welch's t of two lists of durations, the longest tenth of each left out: that is the machine, not us.
fn welch(one: &[f64], other: &[f64]) -> f64 {
    let of = |samples: &[f64]| {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.truncate(sorted.len() - sorted.len() / 10);
        let count = sorted.len() as f64;
        let mean = sorted.iter().sum::<f64>() / count;
        let variance = sorted.iter().map(|sample| (sample - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    };
    let ((mean, error), (other_mean, other_error)) = (of(one), of(other));
    (mean - other_mean) / (error + other_error).sqrt().max(f64::MIN_POSITIVE)
}

/// Whether every round says so, and the same.
fn is_certain(rounds: &[f64]) -> bool {
    rounds.iter().all(|t| *t > CERTAIN) || rounds.iter().all(|t| *t < -CERTAIN)
}

#[test]
fn a_difference_in_every_round_is_seen_and_noise_is_not() {
    let noisy = |seed: u64, slower: f64| -> Vec<f64> {
        (0..60).map(|n| 10.0 + slower + ((n * 7919 + seed * 104_729) % 97) as f64 / 97.0).collect()
    };
    let rounds: Vec<f64> = (0..5).map(|seed| welch(&noisy(seed, 0.0), &noisy(seed + 50, 0.0))).collect();
    assert!(!is_certain(&rounds), "{rounds:?}");
    let rounds: Vec<f64> = (0..5).map(|seed| welch(&noisy(seed, 1.0), &noisy(seed + 50, 0.0))).collect();
    assert!(is_certain(&rounds), "{rounds:?}");
    assert!(!is_certain(&[9.0, 9.0, 9.0, -9.0, 9.0]));
}

/// One who asks: a browser that was never here, with the form before it.
struct Asked {
    browser: Browser,
    form: Form,
}

/// Whose address it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Holder {
    Nobody,
    Temporary,
    Ended,
    Suspended,
}

const HOLDERS: [Holder; 3] = [Holder::Temporary, Holder::Ended, Holder::Suspended];

/// A fresh address with such a holder. Beside nobody's somebody is made as well, so that the program has done the same
/// before either is asked about.
async fn address(app: &App, holder: Holder) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("somebody{:06}", NEXT.fetch_add(1, Ordering::Relaxed));
    let now = app.now();
    let member = match holder {
        Holder::Ended => {
            let ended = Membership::Temporary { expires_at: now - TimeDelta::days(1) };
            app.insert_member_with(&name, |account| account.membership = ended).await
        }
        _ => app.insert_member(&name).await,
    };
    if holder == Holder::Suspended {
        app.store.suspend(member.id, "a test", now, &[], &[]).await.unwrap();
    }
    match holder {
        Holder::Nobody => format!("{name}@elsewhere.example"),
        _ => member.email,
    }
}

/// The answer without what is anybody's own: tokens, references and the address.
fn plain(reply: &Reply, address: &str) -> (u16, Vec<String>, String) {
    let mut headers: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    let page = scraper::Html::parse_document(&reply.body);
    let text = page.root_element().text().collect::<String>().replace(address, "…");
    (reply.status.as_u16(), headers, text)
}

/// Compares a door for addresses of every kind with the same door for nobody's.
async fn compare(app: &App, door: &str, holders: &[Holder], ask: impl AsyncFn(App, String) -> Asked) {
    let samples = std::env::var("IDP_TIMING_SAMPLES").ok().map(|text| text.parse().expect("IDP_TIMING_SAMPLES"));
    let (loud, samples) = (samples.is_some(), samples.unwrap_or(SAMPLES));
    for holder in holders {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let (mut one, mut other) = (Vec::new(), Vec::new());
            for turn in 0..2 * samples {
                // Interleaved, and neither always first.
                let somebody = (turn + turn / 2) % 2 == 0;
                let address = address(app, if somebody { *holder } else { Holder::Nobody }).await;
                let mut asked = ask(app.clone(), address.clone()).await;
                let begun = Instant::now();
                let reply = asked.browser.press(&asked.form).await;
                let took = begun.elapsed().as_secs_f64() * 1e3;
                if somebody { &mut one } else { &mut other }.push(took);
                if turn < 2 {
                    let nobody = self::address(app, Holder::Nobody).await;
                    let mut like = ask(app.clone(), nobody.clone()).await;
                    let expected = like.browser.press(&like.form).await;
                    assert_eq!(plain(&reply, &address), plain(&expected, &nobody), "{door}, {holder:?}");
                }
            }
            rounds.push(welch(&one, &other));
        }
        if loud {
            eprintln!("{door}, {holder:?} against nobody, {samples} samples: t = {rounds:.2?}");
        }
        assert!(!is_certain(&rounds), "{door}: {holder:?} can be told from nobody by time, t = {rounds:.2?}");
    }
}

async fn provider() -> App {
    // What is limited by origin and address is tested where it belongs; every address here is asked for once or twice.
    App::start_with(|config| config.throttle.per_origin_per_minute = 1_000_000).await
}

#[tokio::test]
async fn s064_a_wrong_password_is_answered_alike_whoever_has_the_address() {
    let app = provider().await;
    compare(&app, "sign-in", &HOLDERS, async |app: App, address: String| {
        let mut browser = app.browser();
        let page = browser.get("/login").await;
        let form = page.form("/login").with("username", &address).with("password", "not the right one at all");
        Asked { browser, form }
    })
    .await;
}

#[tokio::test]
async fn s064_a_forgotten_password_is_answered_alike_whoever_has_the_address() {
    let app = provider().await;
    compare(&app, "recovery", &HOLDERS, async |app: App, address: String| {
        let mut browser = app.browser();
        let page = browser.get("/recover").await;
        Asked { form: page.form("/recover").with("email", &address), browser }
    })
    .await;
}

#[tokio::test]
async fn s064_a_registration_is_answered_alike_whoever_has_the_address() {
    let app = provider().await;
    compare(&app, "registration", &HOLDERS, async |app: App, address: String| {
        let (browser, page) = at_email(&app).await;
        Asked { form: page.form("/register/email").with("email", &address), browser }
    })
    .await;
}

#[tokio::test]
async fn s064_another_code_is_sent_alike_whoever_has_the_address() {
    let app = provider().await;
    compare(&app, "another code", &[Holder::Temporary, Holder::Suspended], async |app: App, address: String| {
        let (browser, page) = at_code(&app, &address).await;
        app.advance(TimeDelta::seconds(61));
        Asked { form: page.form("/register/code/resend"), browser }
    })
    .await;
}
