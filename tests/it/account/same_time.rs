//! S064: an address that somebody has is answered like one that nobody has: in status, text, headers and time.
//!
//! Time is compared as a statistic over all that was measured, with a rate of false alarms that is fixed beforehand: each
//! measurement for somebody's address is paired with the one for nobody's beside it in time, and Wilcoxon's signed ranks
//! say how far the differences lean to one side. Nothing is supposed about how long anything takes or how much the machine
//! is shaken, since both of a pair are shaken alike; were the two the same, one run in a million would say otherwise.
//! `IDP_TIMING_SAMPLES` makes the runs longer, and prints what they say.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use chrono::TimeDelta;
use idp_core::account::Membership;
use idp_tests::{App, Browser, Form, Reply};

use super::register::{at_code, at_email};

/// Pairs of measurements for each comparison.
const PAIRS: usize = 80;
/// Beyond so many standard deviations, to either side, two things differ: one in a million that are alike does.
const CERTAIN: f64 = 4.9;

/// How far the differences of pairs lean to one side, in standard deviations (Wilcoxon's signed ranks): large where the
/// first of a pair is nearly always the larger, and little moved by a few that are far out.
fn lean(pairs: &[(f64, f64)]) -> f64 {
    let mut differences: Vec<f64> = pairs.iter().map(|(one, other)| one - other).filter(|by| *by != 0.0).collect();
    differences.sort_by(|one, other| one.abs().total_cmp(&other.abs()));
    let ranked = || differences.iter().enumerate().map(|(place, by)| ((place + 1) as f64, by.signum()));
    let sum: f64 = ranked().map(|(rank, sign)| rank * sign).sum();
    let variance: f64 = ranked().map(|(rank, _)| rank * rank).sum();
    sum / variance.sqrt().max(f64::MIN_POSITIVE)
}

fn is_certain(lean: f64) -> bool {
    lean.abs() > CERTAIN
}

/// How wide the middle half of the differences is: the noise, whatever the machine.
fn noise(pairs: &[(f64, f64)]) -> f64 {
    let mut differences: Vec<f64> = pairs.iter().map(|(one, other)| one - other).collect();
    differences.sort_by(f64::total_cmp);
    differences[differences.len() * 3 / 4] - differences[differences.len() / 4]
}

/// The same pairs, had the first of each taken so much longer.
fn slower(pairs: &[(f64, f64)], by: f64) -> Vec<(f64, f64)> {
    pairs.iter().map(|(one, other)| (one + by, *other)).collect()
}

#[test]
fn a_small_difference_is_seen_through_the_noise_and_noise_is_not() {
    let noisy = |seed: u64| -> Vec<(f64, f64)> {
        let mut state = seed;
        let mut roll = || {
            // splitmix64: the same numbers in every run.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        };
        // Ten milliseconds, as much again for both while the machine is busy, and now and then something far out.
        (0..PAIRS)
            .map(|_| {
                let busy = 10.0 * roll();
                let mut one = || 10.0 + busy + roll() + if roll() < 0.05 { 50.0 * roll() } else { 0.0 };
                (one(), one())
            })
            .collect()
    };
    let alarms = (0..1_000).filter(|seed| is_certain(lean(&noisy(*seed)))).count();
    assert_eq!(alarms, 0, "of a thousand comparisons of what is alike");
    let found = (0..1_000).filter(|seed| is_certain(lean(&slower(&noisy(*seed), 0.8)))).count();
    assert!(found > 950, "a twentieth of what they take is found, in {found} of a thousand");
    let found = (0..1_000).filter(|seed| is_certain(lean(&slower(&noisy(*seed), -0.8)))).count();
    assert!(found > 950, "and to the other side, in {found} of a thousand");
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

/// What a door took for a holder's address, each beside what it took for nobody's.
async fn measure(
    app: &App,
    door: &str,
    holder: Holder,
    pairs: usize,
    ask: &impl AsyncFn(App, String) -> Asked,
) -> Vec<(f64, f64)> {
    let mut measured = Vec::with_capacity(pairs);
    for pair in 0..pairs {
        let mut took = [0.0; 2];
        // Neither is always first.
        for who in if pair % 2 == 0 { [0, 1] } else { [1, 0] } {
            let address = address(app, if who == 0 { holder } else { Holder::Nobody }).await;
            let mut asked = ask(app.clone(), address.clone()).await;
            let begun = Instant::now();
            let reply = asked.browser.press(&asked.form).await;
            took[who] = begun.elapsed().as_secs_f64() * 1e3;
            if pair == 0 {
                let nobody = self::address(app, Holder::Nobody).await;
                let mut like = ask(app.clone(), nobody.clone()).await;
                let expected = like.browser.press(&like.form).await;
                assert_eq!(plain(&reply, &address), plain(&expected, &nobody), "{door}, {holder:?}");
            }
        }
        measured.push((took[0], took[1]));
    }
    measured
}

/// Compares a door for addresses of every kind with the same door for nobody's.
async fn compare(app: &App, door: &str, holders: &[Holder], ask: impl AsyncFn(App, String) -> Asked) {
    let pairs = std::env::var("IDP_TIMING_SAMPLES").ok().map(|text| text.parse().expect("IDP_TIMING_SAMPLES"));
    let (loud, pairs) = (pairs.is_some(), pairs.unwrap_or(PAIRS));
    for holder in holders {
        let measured = measure(app, door, *holder, pairs, &ask).await;
        let lean = lean(&measured);
        if loud {
            let noise = noise(&measured);
            eprintln!("{door}, {holder:?} against nobody: {lean:.2} of {CERTAIN}, {pairs} pairs, noise {noise:.2} ms");
        }
        assert!(!is_certain(lean), "{door}: {holder:?} can be told from nobody by time, {lean:.2} standard deviations");
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

/// The instrument, on the door itself: a delay of twice the middle half of the noise is found, whatever the machine.
/// Of once that much nearly always; a machine that leans to one side by chance hides it one time in some hundred.
#[tokio::test]
async fn s064_a_delay_planted_in_what_was_measured_is_found() {
    let app = provider().await;
    let ask = async |app: App, address: String| {
        let mut browser = app.browser();
        let page = browser.get("/recover").await;
        Asked { form: page.form("/recover").with("email", &address), browser }
    };
    let measured = measure(&app, "recovery", Holder::Nobody, PAIRS, &ask).await;
    assert!(!is_certain(lean(&measured)), "nobody is like nobody");
    let planted = slower(&measured, 2.0 * noise(&measured));
    assert!(is_certain(lean(&planted)), "{:.2} standard deviations, noise {:.3} ms", lean(&planted), noise(&measured));
}
