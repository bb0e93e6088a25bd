//! Steps in any order: an account needs every proof in its own trace.

use idp_tests::{App, Browser, Form, filled_details};

/// A generator of its own: the walk is the same every time, and failing walks can be looked at again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Numerical Recipes' constants; the high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }
}

/// How far a browser has come, as this test knows it from what it has proven.
#[derive(Clone, Debug, PartialEq)]
enum Proven {
    Nothing,
    Type,
    Terms,
    Sent { email: String, guesses: u32 },
    Mailbox { email: String },
    Account,
}

impl Proven {
    /// The action of the walk that leads one step on.
    fn forward(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Type => 1,
            Self::Terms => 2,
            Self::Sent { .. } => 3,
            Self::Mailbox { .. } | Self::Account => 7,
        }
    }

    fn step(&self) -> &'static str {
        match self {
            Self::Nothing => "/register",
            Self::Type => "/register/terms",
            Self::Terms => "/register/email",
            Self::Sent { .. } => "/register/code",
            Self::Mailbox { .. } => "/register/details",
            Self::Account => "/profile",
        }
    }
}

struct Walker {
    browser: Browser,
    proven: Proven,
}

/// A posted form as somebody writes it who has seen the pages and keeps to no order.
async fn forged(walker: &mut Walker, action: &str) -> Form {
    let page = walker.browser.get("/terms").await;
    let csrf = page.form("/language").value("csrf").to_owned();
    Form { action: action.to_owned(), is_post: true, fields: vec![("csrf".to_owned(), csrf)] }
}

#[tokio::test]
async fn s070_steps_skipped_repeated_or_swapped_never_make_an_account() {
    const STEPS: usize = 2_000;
    let app = App::start().await;
    let mut dice = Dice(70);
    let mut walkers: Vec<Walker> = (0..4).map(|_| Walker { browser: app.browser(), proven: Proven::Nothing }).collect();
    let (mut accounts, mut addresses) = (0, 0);
    for step in 0..STEPS {
        let which = dice.roll(walkers.len());
        let walker = &mut walkers[which];
        let before = walker.proven.clone();
        // One time in three the next step, so that the walk gets far; else any.
        let action = if dice.roll(3) == 0 { before.forward() } else { dice.roll(11) };
        match action {
            0 => {
                let kind = ["public", "staff", "foreign", ""][dice.roll(4)];
                let form = forged(walker, "/register").await.with("member_type", kind);
                walker.browser.press(&form).await;
                // A new registration begins in this browser; what was proven for the old one is worth nothing.
                if matches!(kind, "public" | "staff") {
                    walker.proven = Proven::Type;
                }
            }
            1 => {
                let (one, other) = (["yes", "", "no"][dice.roll(3)], ["yes", ""][dice.roll(2)]);
                let form = forged(walker, "/register/terms").await;
                walker.browser.press(&form.with("accept_terms", one).with("read_privacy", other)).await;
                if before == Proven::Type && one == "yes" && other == "yes" {
                    walker.proven = Proven::Terms;
                }
            }
            2 => {
                addresses += 1;
                let email =
                    if dice.roll(8) == 0 { "no address".to_owned() } else { format!("a{addresses}@mail.example") };
                let form = forged(walker, "/register/email").await.with("email", &email);
                walker.browser.press(&form).await;
                if matches!(before, Proven::Terms | Proven::Sent { .. }) && email.contains('@') {
                    walker.proven = Proven::Sent { email, guesses: 0 };
                }
            }
            // The right code of this browser's mailbox.
            3..=4 => {
                let Proven::Sent { email, guesses } = &before else { continue };
                let code = app.mailed_code(email).await;
                let form = forged(walker, "/register/code").await.with("code", &code);
                walker.browser.press(&form).await;
                if *guesses < 5 {
                    walker.proven = Proven::Mailbox { email: email.clone() };
                }
            }
            // Some code.
            5 => {
                let code = ["000000", "", "12345", "1234567"][dice.roll(4)];
                let form = forged(walker, "/register/code").await.with("code", code);
                walker.browser.press(&form).await;
                if let (Proven::Sent { guesses, .. }, "000000") = (&mut walker.proven, code) {
                    *guesses += 1;
                }
            }
            6 => {
                let form = forged(walker, "/register/code/resend").await;
                walker.browser.press(&form).await;
            }
            7..=8 => {
                let form = filled_details(forged(walker, "/register/details").await);
                let complete = dice.roll(4) > 0;
                let form = if complete { form } else { form.without("last_name") };
                walker.browser.press(&form).await;
                if matches!(before, Proven::Mailbox { .. }) && complete {
                    walker.proven = Proven::Account;
                    accounts += 1;
                }
            }
            9 => {
                let action = ["/welcome", "/verify/public", "/verify/staff/code", "/profile/keep"][dice.roll(4)];
                let form = forged(walker, action).await;
                walker.browser.press(&form).await;
            }
            _ => {
                // Back, forward, reloaded: reading never moves anybody.
                let path = ["/register", "/register/terms", "/register/email", "/register/code", "/register/details"]
                    [dice.roll(5)];
                walker.browser.get(path).await;
            }
        }
        let signed_in = walker.browser.is_signed_in().await;
        assert_eq!(signed_in, walker.proven == Proven::Account, "step {step}: {:?}", walker.proven);
        if signed_in {
            assert_eq!(app.store.row_count("accounts").await.unwrap(), accounts, "step {step}");
            // Somebody new sits down here.
            *walker = Walker { browser: app.browser(), proven: Proven::Nothing };
        } else {
            let page = walker.browser.get("/register/details").await;
            assert_eq!(page.place(), walker.proven.step(), "step {step}: {:?}", walker.proven);
        }
    }
    assert_eq!(app.store.row_count("accounts").await.unwrap(), accounts);
    assert!(accounts > 20, "the walk reached the end {accounts} times: it proves something");
}
