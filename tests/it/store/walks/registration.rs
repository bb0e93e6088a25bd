//! Two browsers that register for two addresses.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{CodeState, CodeVerdict, MemberType, Registration, RegistrationStage};
use idp_core::email::EmailAddress;
use idp_core::id::RegistrationId;
use idp_core::secret::Secret;
use idp_store::Registered;

use super::super::Bench;
use super::{Dice, walk_all};

const STEPS: usize = 14;

/// What was proven for one registration.
struct Proven {
    id: RegistrationId,
    begun: DateTime<Utc>,
    terms: bool,
    sent: Option<Sent>,
    mailbox: Option<usize>,
    over: bool,
}

struct Sent {
    to: usize,
    code: String,
    at: DateTime<Utc>,
    guesses: u32,
}

impl Proven {
    fn lives(&self, now: DateTime<Utc>) -> bool {
        now < self.begun + TimeDelta::hours(2) && !self.over
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s070_no_walk_makes_an_account_without_terms_and_the_right_code_of_its_mailbox() {
    walk_all("registration", walk).await;
}

async fn walk(bench: Arc<Bench>, seed: u64) -> bool {
    let (store, mut dice, mut now) = (&bench.store, Dice(seed), bench.now);
    let emails: Vec<EmailAddress> =
        (0..2).map(|which| EmailAddress::parse(&format!("w{seed}x{which}@mail.example")).unwrap()).collect();
    let mut taken = [false; 2];
    let mut browsers: [Option<Proven>; 2] = [None, None];
    let mut codes: Vec<String> = Vec::new();
    for step in 0..STEPS {
        let (which, email) = (dice.roll(2), dice.roll(2));
        // One time in two the step that is due, so that many get far.
        let due = match &browsers[which] {
            None => 0,
            Some(proven) if proven.over => 0,
            Some(Proven { mailbox: Some(_), .. }) => 4,
            Some(Proven { sent: Some(_), .. }) => 3,
            Some(Proven { terms: true, .. }) => 2,
            Some(_) => 1,
        };
        let action = if dice.roll(2) == 0 { due } else { dice.roll(6) };
        let place = format!("seed {seed}, step {step}");
        if action == 0 {
            let id = RegistrationId::make(&*bench.chance);
            let begun = Registration {
                id,
                cookie: Secret::make(&*bench.chance).digest(),
                stage: RegistrationStage::TypeChosen { member_type: MemberType::Public },
                request: None,
                expires_at: now + TimeDelta::hours(2),
            };
            store.begin_registration(&begun, now, &[]).await.unwrap();
            browsers[which] = Some(Proven { id, begun: now, terms: false, sent: None, mailbox: None, over: false });
            continue;
        }
        if action == 5 {
            now += dice.wait(&[1, 6, 11, 61]);
            continue;
        }
        let Some(proven) = &mut browsers[which] else { continue };
        let lives = proven.lives(now);
        match action {
            1 => {
                let expected = lives && proven.sent.is_none() && proven.mailbox.is_none();
                assert_eq!(store.accept_terms(proven.id, "1", now, &[]).await.unwrap(), expected, "{place}");
                proven.terms |= expected;
            }
            2 => {
                let code = dice.six_digits();
                let state = CodeState::sent(&Secret::presented(code.as_str()), &proven.id.to_string(), now);
                let expected = lives && proven.terms && proven.mailbox.is_none();
                let sent = store.send_code(proven.id, &emails[email], &state, now, &[], &[]).await.unwrap();
                assert_eq!(sent, expected, "{place}");
                if sent {
                    codes.push(code.clone());
                    proven.sent = Some(Sent { to: email, code, at: now, guesses: 0 });
                }
            }
            3 => {
                let own = proven.sent.as_ref().map(|sent| sent.code.clone());
                let typed = match dice.roll(3) {
                    0 => dice.six_digits(),
                    1 => dice.pick(&codes).cloned().unwrap_or_default(),
                    _ => own.unwrap_or_default(),
                };
                let confirmed = confirm(&bench, proven.id, &typed, now).await;
                let mut expected = false;
                if let Some(sent) = proven.sent.as_mut().filter(|_| lives && proven.mailbox.is_none()) {
                    sent.guesses += 1;
                    let in_time = now <= sent.at + TimeDelta::minutes(10);
                    expected = typed == sent.code && in_time && sent.guesses <= 5;
                    if expected {
                        proven.mailbox = Some(sent.to);
                    }
                }
                assert_eq!(confirmed, expected, "{place}");
            }
            _ => {
                let mut account = bench.account(&emails[email]);
                (account.registered_at, account.updated_at) = (now, now);
                let session = bench.session(account.id);
                let done = store.register(&account, proven.id, "1", now, &session, None, &[], &[]).await.unwrap();
                let may = lives && proven.mailbox == Some(email);
                let expected = match (may, taken[email]) {
                    (false, _) => Registered::NotConfirmed,
                    (true, true) => Registered::EmailTaken,
                    (true, false) => Registered::Done,
                };
                assert_eq!(done, expected, "{place}");
                let there = store.account(account.id).await.unwrap().is_some();
                let signed_in = store.session(session.id).await.unwrap().is_some();
                assert_eq!((there, signed_in), (done == Registered::Done, done == Registered::Done), "{place}");
                if there {
                    assert!(proven.terms, "{place}");
                    (taken[email], proven.over) = (true, true);
                }
            }
        }
    }
    taken.contains(&true)
}

/// What the page with the code does.
async fn confirm(bench: &Bench, id: RegistrationId, typed: &str, now: DateTime<Utc>) -> bool {
    let Some(counted) = bench.store.take_guess(id, now).await.unwrap() else { return false };
    let RegistrationStage::CodeSent { code, .. } = counted.stage else { return false };
    match code.judge(typed, &id.to_string(), now) {
        CodeVerdict::Right => bench.store.confirm_email(id, &code.digest, now, &[]).await.unwrap(),
        CodeVerdict::Wrong { .. } | CodeVerdict::Spent => false,
    }
}
