//! S070 through the front door: one account, three browsers, pages in any order. Nobody is ever signed in without the
//! password, and neither password nor address changes without its proof.
//!
//! The seed is printed when a walk fails; `IDP_WALK_SEED` walks it again, `IDP_WALK_STEPS` goes on for longer.

use chrono::TimeDelta;
use idp_tests::{App, Browser, Form, Letter, Member};

/// A generator of its own: a seed always walks the same way.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }
}

/// What this test knows of the account because of what was proven.
struct Known {
    email: String,
    password: String,
    /// The browsers that are signed in, by what was proven in them.
    signed_in: [bool; 3],
    /// When each proved it.
    proven_at: [chrono::DateTime<chrono::Utc>; 3],
    /// The change that waits, and in which browser.
    waiting: Option<(usize, String)>,
    changes: usize,
}

/// A posted form as somebody writes it who has seen the pages and keeps to no order.
async fn forged(browser: &mut Browser, action: &str) -> Form {
    let page = browser.get("/terms").await;
    let csrf = page.form("/language").value("csrf").to_owned();
    Form { action: action.to_owned(), is_post: true, fields: vec![("csrf".to_owned(), csrf)] }
}

async fn newest(app: &App, to: &str, pick: impl Fn(&Letter) -> Option<String>) -> Option<String> {
    let letters = app.letters_to(to).await;
    let url = letters.iter().rev().find_map(pick)?;
    url.split_once("token=").map(|(_, token)| token.split('&').next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn s070_no_order_of_pages_signs_anybody_in_or_changes_anything_without_each_proof() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seed = number("IDP_WALK_SEED").unwrap_or(7);
    let steps = number("IDP_WALK_STEPS").unwrap_or(700);
    let walk = tokio::spawn(walk(seed, steps));
    let changes = walk.await.unwrap_or_else(|_| panic!("the walk failed; again: IDP_WALK_SEED={seed}"));
    assert!(steps < 500 || changes > 5, "the walk changed something {changes} times: it proves something");
}

async fn walk(seed: u64, steps: u64) -> usize {
    let app = App::start_with(|config| {
        config.throttle.free_attempts = 1_000_000;
        config.throttle.per_origin_per_minute = 1_000_000;
    })
    .await;
    let mut dice = Dice(seed);
    let ana: Member = app.insert_member("ana").await;
    let first = ana.email.clone();
    let mut browsers = [app.browser(), app.browser(), app.browser()];
    let mut known = Known {
        email: ana.email.clone(),
        password: ana.password.clone(),
        signed_in: [false; 3],
        proven_at: [app.now(); 3],
        waiting: None,
        changes: 0,
    };
    let mut made = 0;
    for step in 0..steps {
        let at = dice.roll(3);
        let place = format!("seed {seed}, step {step}");
        let signed_in = known.signed_in[at];
        match dice.roll(12) {
            0 | 1 => {
                let right = dice.roll(3) > 0;
                let password = if right { known.password.clone() } else { "not the right one at all".to_owned() };
                let form = forged(&mut browsers[at], "/login").await;
                browsers[at].press(&form.with("username", &known.email).with("password", &password)).await;
                if right {
                    (known.signed_in[at], known.proven_at[at]) = (true, app.now());
                    // Another session: what waited in the one before waits no more.
                    known.waiting.take_if(|(waiting, _)| *waiting == at);
                }
            }
            2 => {
                let form = forged(&mut browsers[at], "/recover").await;
                browsers[at].press(&form.with("email", &known.email)).await;
            }
            3 => {
                // A link somebody has: the newest, one of an earlier address, or none.
                let to = if dice.roll(2) == 0 { known.email.clone() } else { first.clone() };
                let token = newest(&app, &to, |letter| match letter {
                    Letter::RecoverPassword { url, .. } => Some(url.clone()),
                    _ => None,
                })
                .await;
                let token = token.unwrap_or_else(|| "A".repeat(43));
                made += 1;
                let password = format!("a quiet harbour and {made} kites over it");
                let form = forged(&mut browsers[at], "/recover/set").await;
                let before = ana.account().await.account.password.clone();
                let reply = browsers[at].press(&form.with("token", &token).with("password", &password)).await;
                let set = ana.account().await.account.password != before;
                assert_eq!(set, reply.status == 200, "{place}");
                if set {
                    assert_eq!(to, known.email, "{place}: only the mailbox of the account sets a password");
                    (known.password, known.signed_in, known.waiting) = (password, [false; 3], None);
                    known.changes += 1;
                }
            }
            4 => {
                let to = format!("ana{step}@mail.example");
                let form = forged(&mut browsers[at], "/profile/email").await;
                browsers[at].press(&form.with("email", &to)).await;
                let fresh = app.now() - known.proven_at[at] <= TimeDelta::minutes(5);
                let asked = !app.letters_to(&to).await.is_empty();
                assert!(!asked || (signed_in && fresh), "{place}: a code without a proof");
                if asked {
                    known.waiting = Some((at, to));
                }
            }
            5 | 6 => {
                let waiting = known.waiting.clone();
                let code = match &waiting {
                    Some((_, to)) if dice.roll(3) > 0 => app.mailed_code(to).await,
                    _ => "000000".to_owned(),
                };
                let form = forged(&mut browsers[at], "/profile/email/code").await;
                browsers[at].press(&form.with("code", &code)).await;
                let email = ana.account().await.account.email.as_str().to_owned();
                if email != known.email {
                    let (browser, to) = waiting.expect("something was asked for");
                    assert_eq!((browser, to.as_str()), (at, email.as_str()), "{place}: in its own browser alone");
                    assert!(signed_in && code != "000000", "{place}");
                    known.signed_in = [false; 3];
                    known.signed_in[at] = true;
                    (known.email, known.waiting) = (email, None);
                    known.changes += 1;
                }
            }
            7 => {
                let mut token = None;
                // Whichever mailbox has had a letter about a change.
                for address in [&first, &known.email] {
                    token = token.or(newest(&app, address, |letter| match letter {
                        Letter::EmailChanged { undo_url, .. } => Some(undo_url.clone()),
                        _ => None,
                    })
                    .await);
                }
                let form = forged(&mut browsers[at], "/profile/email/undo").await;
                let sent = form.with("token", token.as_deref().unwrap_or("none"));
                let reply = browsers[at].press(&sent).await;
                let email = ana.account().await.account.email.as_str().to_owned();
                assert!(email == known.email || (token.is_some() && reply.status == 200), "{place}");
                if reply.status == 200 {
                    (known.email, known.signed_in, known.waiting) = (email, [false; 3], None);
                    known.changes += 1;
                }
            }
            8 => {
                let form = forged(&mut browsers[at], "/profile/password").await;
                let right = dice.roll(2) == 0;
                let current = if right { known.password.as_str() } else { "not the right one at all" };
                made += 1;
                let password = format!("a quiet harbour and {made} kites over it");
                browsers[at].press(&form.with("current", current).with("password", &password)).await;
                if signed_in && right {
                    known.password = password;
                    let kept = known.signed_in[at];
                    known.signed_in = [false; 3];
                    known.signed_in[at] = kept;
                    known.waiting = None;
                    known.changes += 1;
                }
            }
            9 => {
                let form = forged(&mut browsers[at], "/signout/confirm").await;
                browsers[at].press(&form).await;
                if !browsers[at].is_signed_in().await {
                    known.signed_in[at] = false;
                    known.waiting.take_if(|(waiting, _)| *waiting == at);
                }
            }
            10 => {
                let paths = ["/profile/email/code", "/recover/set", "/profile/email/undo", "/login?again=1", "/verify"];
                browsers[at].get(paths[dice.roll(paths.len())]).await;
            }
            _ => app.advance(TimeDelta::minutes([1, 6, 20][dice.roll(3)])),
        }
        let account = ana.account().await.account;
        assert_eq!(account.email.as_str(), known.email, "{place}");
        for (which, browser) in browsers.iter_mut().enumerate() {
            let lives = browser.is_signed_in().await;
            // Time ends sessions as well; nothing but a proof begins one.
            assert!(!lives || known.signed_in[which], "{place}: browser {which} is signed in");
            known.signed_in[which] &= lives;
        }
    }
    known.changes
}
