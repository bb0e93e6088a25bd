//! One member's second factors: added, used, removed, and lost.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{CodeState, CodeVerdict, LostFactorStage, RecoveryCode};
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, PasskeyId};
use idp_core::passkey::{CredentialId, CredentialState, MOST, Passkey, PasskeyName};
use idp_core::secret::{Digest, Secret};
use idp_core::session::{Session, SessionEnd};
use idp_store::{Ending, FactorChange, LostFactorOrder, NewTotp, PasskeyAdded, SignInOrder, TotpAdded};

use super::super::Bench;
use super::{Dice, walk_all};

const STEPS: usize = 24;
const PURPOSE: &str = "lost-factor";

/// What was proven, and what must be so because of it.
#[derive(Default)]
struct Model {
    /// The last step that was accepted.
    totp: Option<i64>,
    /// Each passkey and its counter.
    passkeys: Vec<(PasskeyId, u32)>,
    /// The codes in force, and whether each was used.
    codes: Vec<(Digest, bool)>,
    /// Codes of earlier sets.
    old_codes: Vec<Digest>,
    mailed: Option<Mailed>,
    /// Whether the session that everything is done in has ended.
    signed_out: bool,
    lost: Lost,
    /// Everything that was ever removed because it was lost.
    removed: u32,
}

struct Mailed {
    code: String,
    at: DateTime<Utc>,
    guesses: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Lost {
    #[default]
    No,
    MailProven(DateTime<Utc>),
    Waiting(DateTime<Utc>),
    Done,
    Cancelled,
}

impl Model {
    fn is_strong(&self) -> bool {
        self.totp.is_some() || !self.passkeys.is_empty()
    }

    /// A first strong factor brings codes, the last takes them along.
    fn first(&mut self, codes: &[Digest]) -> bool {
        let first = !self.is_strong();
        if first {
            self.replace_codes(codes);
        }
        first
    }

    fn replace_codes(&mut self, codes: &[Digest]) {
        self.old_codes.extend(self.codes.drain(..).map(|(code, _)| code));
        self.codes = codes.iter().map(|code| (*code, false)).collect();
    }

    fn without_useless_codes(&mut self) {
        if !self.is_strong() {
            self.replace_codes(&[]);
        }
    }

    /// What a change of factors leaves of codes by mail: nothing.
    fn changed(&mut self) {
        self.mailed = None;
    }

    /// Whether a code that is typed is the one that was mailed, in time; the guess counts.
    fn guess(&mut self, typed: &str, now: DateTime<Utc>) -> bool {
        self.mailed.as_mut().is_some_and(|mailed| {
            mailed.guesses += 1;
            typed == mailed.code && now <= mailed.at + TimeDelta::minutes(10) && mailed.guesses <= 5
        })
    }

    fn cancel(&mut self) -> bool {
        let open = matches!(self.lost, Lost::MailProven(_) | Lost::Waiting(_));
        if open {
            self.lost = Lost::Cancelled;
        }
        open
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s070_no_walk_proves_or_removes_a_factor_without_each_step() {
    walk_all("factors", walk).await;
}

fn change(session: &Session) -> FactorChange {
    FactorChange {
        account_id: session.account_id,
        kept: session.id,
        device: None,
        links: Vec::new(),
        events: Vec::new(),
        mails: Vec::new(),
    }
}

fn order(id: AccountId) -> LostFactorOrder {
    LostFactorOrder { account_id: id, links: Vec::new(), events: Vec::new(), mails: Vec::new() }
}

async fn walk(bench: Arc<Bench>, seed: u64) -> bool {
    let (store, mut dice, mut now) = (&bench.store, Dice(seed), bench.now);
    let email = EmailAddress::parse(&format!("f{seed}@mail.example")).unwrap();
    let registration = bench.confirmed(&email).await;
    let account = bench.account(&email);
    let (id, mut session) = (account.id, bench.session(account.id));
    store.register(&account, registration, "1", now, &session, None, &[], &[]).await.unwrap();
    let mut model = Model::default();
    let strangers = RecoveryCode::make_set(&*bench.chance);
    for step in 0..STEPS {
        let place = format!("seed {seed}, step {step}");
        // One time in three the step of losing them that is due, so that many get far.
        let due = match (model.is_strong(), model.lost, &model.mailed) {
            _ if model.signed_out => 13,
            (false, ..) => dice.roll(2),
            (true, Lost::MailProven(_), _) => 9,
            (true, Lost::Waiting(until), _) if now < until => 14,
            (true, Lost::Waiting(_), Some(_)) => 10,
            (true, _, Some(_)) => 8,
            (true, _, None) => 7,
        };
        match if dice.roll(3) == 0 { due } else { dice.roll(16) } {
            0 => {
                let codes = digests(&bench, id);
                let sealed = vec![7; 16];
                let added = store.add_totp(NewTotp { sealed, step: 1 }, &codes, change(&session), now).await.unwrap();
                let expected = match model.totp {
                    _ if model.signed_out => TotpAdded::Gone,
                    Some(_) => TotpAdded::There,
                    None => TotpAdded::Done { first: model.first(&codes) },
                };
                assert_eq!(added, expected, "{place}");
                if matches!(added, TotpAdded::Done { .. }) {
                    model.totp = Some(1);
                    model.changed();
                }
            }
            1 => {
                let codes = digests(&bench, id);
                let new = passkey(&bench, id, &format!("{seed} {step}"), now);
                let added = store.add_passkey(&new, &codes, change(&session), now).await.unwrap();
                let expected = match model.passkeys.len() {
                    _ if model.signed_out => PasskeyAdded::Gone,
                    MOST.. => PasskeyAdded::NoRoom,
                    _ => PasskeyAdded::Done { first: model.first(&codes) },
                };
                assert_eq!(added, expected, "{place}");
                if matches!(added, PasskeyAdded::Done { .. }) {
                    model.passkeys.push((new.id, 0));
                    model.changed();
                }
            }
            2 => {
                let removed = store.remove_totp(change(&session), now).await.unwrap();
                assert_eq!(removed, !model.signed_out && model.totp.is_some(), "{place}");
                if removed {
                    model.totp = None;
                    model.without_useless_codes();
                    model.changed();
                }
            }
            3 => {
                let which = dice.roll(model.passkeys.len() + 1);
                let known = model.passkeys.get(which).copied();
                let asked = known.map_or_else(|| PasskeyId::make(&*bench.chance), |(passkey, _)| passkey);
                let removed = store.remove_passkey(asked, change(&session), now).await.unwrap();
                assert_eq!(removed, !model.signed_out && known.is_some(), "{place}");
                if removed {
                    model.passkeys.retain(|(passkey, _)| *passkey != asked);
                    model.without_useless_codes();
                    model.changed();
                }
            }
            4 => {
                let typed = i64::try_from(dice.roll(6)).unwrap_or(0);
                let expected = model.totp.is_some_and(|last| typed > last);
                assert_eq!(store.accept_totp(id, typed, now).await.unwrap(), expected, "{place}");
                if expected {
                    model.totp = Some(typed);
                    assert_eq!(store.cancel_lost_factor(id, now, &[]).await.unwrap(), model.cancel(), "{place}");
                }
            }
            5 => {
                let typed = match dice.roll(4) {
                    0 => strangers[dice.roll(strangers.len())].digest(id),
                    1 => dice.pick(&model.old_codes).copied().unwrap_or_else(|| strangers[0].digest(id)),
                    _ => dice.pick(&model.codes).map_or_else(|| strangers[0].digest(id), |(code, _)| *code),
                };
                let known = model.codes.iter_mut().find(|(code, used)| *code == typed && !used);
                let expected = known.map(|(_, used)| *used = true).is_some();
                assert_eq!(store.use_recovery_code(id, &typed, now, &[]).await.unwrap(), expected, "{place}");
            }
            6 => {
                let Some(known) = dice.pick(&model.passkeys).copied() else { continue };
                let counter = u32::try_from(dice.roll(5)).unwrap_or(0);
                let expected = counter > known.1 || (counter == 0 && known.1 == 0);
                let begun = bench.session(id);
                let order = SignInOrder {
                    session: begun.clone(),
                    password: None,
                    replaces: None,
                    device: None,
                    line: None,
                    completes: None,
                    links: Vec::new(),
                    notices: Vec::new(),
                    events: Vec::new(),
                };
                let state = CredentialState { key: "{}".to_owned(), counter, backed_up: false };
                assert_eq!(store.start_session_by_passkey(known.0, &state, order).await.unwrap(), expected, "{place}");
                assert_eq!(store.session(begun.id).await.unwrap().is_some(), expected, "{place}");
                if expected {
                    model
                        .passkeys
                        .iter_mut()
                        .filter(|(passkey, _)| *passkey == known.0)
                        .for_each(|key| key.1 = counter);
                }
            }
            7 => {
                let code = dice.six_digits();
                let state = CodeState::sent(&Secret::presented(code.as_str()), &id.to_string(), now);
                store.put_code(id, PURPOSE, &email, &state, now, &[], &[]).await.unwrap();
                model.mailed = Some(Mailed { code, at: now, guesses: 0 });
            }
            8 => {
                let own = model.mailed.as_ref().map(|mailed| mailed.code.clone());
                let typed = if dice.roll(3) == 0 { dice.six_digits() } else { own.unwrap_or_default() };
                let proven = prove_mailbox(&bench, id, &typed, now).await;
                let right = model.guess(&typed, now);
                // Asking again moves no end.
                let waits = matches!(model.lost, Lost::Waiting(until) if now < until + TimeDelta::days(7));
                assert_eq!(proven, right && !waits, "{place}");
                if proven {
                    (model.lost, model.mailed) = (Lost::MailProven(now), None);
                }
            }
            9 => {
                let until = now + TimeDelta::hours(72);
                let begun = store.begin_lost_factor_wait(order(id), until, now).await.unwrap();
                let expected = matches!(model.lost, Lost::MailProven(at) if now < at + TimeDelta::minutes(30));
                assert_eq!(begun, expected, "{place}");
                if begun {
                    model.lost = Lost::Waiting(until);
                }
            }
            10 => {
                let own = model.mailed.as_ref().map(|mailed| mailed.code.clone());
                let typed = if dice.roll(3) == 0 { dice.six_digits() } else { own.unwrap_or_default() };
                let right = model.guess(&typed, now);
                let removed = match judged(&bench, id, &typed, now).await {
                    Some(code) => store.remove_lost_factors(order(id), PURPOSE, &code, now).await.unwrap(),
                    None => false,
                };
                let due =
                    matches!(model.lost, Lost::Waiting(until) if until <= now && now < until + TimeDelta::days(7));
                assert_eq!(removed, right && due, "{place}");
                if removed {
                    model.removed += u32::from(model.is_strong());
                    (model.lost, model.totp, model.signed_out) = (Lost::Done, None, true);
                    model.passkeys.clear();
                    model.without_useless_codes();
                    model.changed();
                }
            }
            11 if model.is_strong() => {
                let codes = digests(&bench, id);
                let replaced = store.replace_recovery_codes(&codes, change(&session), now).await.unwrap();
                assert_eq!(replaced, !model.signed_out, "{place}");
                if replaced {
                    model.replace_codes(&codes);
                    model.changed();
                }
            }
            11 => assert_eq!(store.cancel_lost_factor(id, now, &[]).await.unwrap(), model.cancel(), "{place}"),
            12 => {
                let ending = Ending::Session(session.id);
                store.end_sessions(ending, SessionEnd::SignedOut, now, &[], &[]).await.unwrap();
                model.signed_out = true;
            }
            13 => {
                session = bench.session(id);
                assert!(store.start_session(&session, None, None, now, &[]).await.unwrap(), "{place}");
                model.signed_out = false;
            }
            _ => now += dice.wait(&[1, 6, 11, 31, 24 * 60, 72 * 60, 8 * 24 * 60]),
        }
        compare(&bench, id, &model, &place).await;
    }
    model.removed > 0
}

/// What is stored is what was proven, and nothing else.
async fn compare(bench: &Bench, id: AccountId, model: &Model, place: &str) {
    let factors = bench.store.factors(id).await.unwrap();
    let unused = model.codes.iter().filter(|(_, used)| !used).count();
    let found = (factors.totp.is_some(), factors.passkeys as usize, factors.recovery_codes as usize);
    assert_eq!(found, (model.totp.is_some(), model.passkeys.len(), unused), "{place}");
    let there: BTreeSet<_> =
        bench.store.passkeys_of(id).await.unwrap().into_iter().map(|passkey| passkey.id.0).collect();
    assert_eq!(there, model.passkeys.iter().map(|(passkey, _)| passkey.0).collect(), "{place}");
    let lost = match bench.store.lost_factor(id).await.unwrap() {
        None => Lost::No,
        Some(LostFactorStage::MailProven { at }) => Lost::MailProven(at),
        Some(LostFactorStage::Waiting { until }) => Lost::Waiting(until),
        Some(LostFactorStage::Done) => Lost::Done,
        Some(LostFactorStage::Cancelled) => Lost::Cancelled,
    };
    assert_eq!(lost, model.lost, "{place}");
}

/// What the page with the code does.
async fn prove_mailbox(bench: &Bench, id: AccountId, typed: &str, now: DateTime<Utc>) -> bool {
    match judged(bench, id, typed, now).await {
        Some(code) => bench.store.prove_mailbox_of_lost_factor(id, PURPOSE, &code, now).await.unwrap(),
        None => false,
    }
}

/// The code that waits, when `typed` is right.
async fn judged(bench: &Bench, id: AccountId, typed: &str, now: DateTime<Utc>) -> Option<Digest> {
    let (_, code) = bench.store.take_code_guess(id, PURPOSE, now).await.unwrap()?;
    (code.judge(typed, &id.to_string(), now) == CodeVerdict::Right).then_some(code.digest)
}

fn digests(bench: &Bench, id: AccountId) -> Vec<Digest> {
    RecoveryCode::make_set(&*bench.chance).iter().map(|code| code.digest(id)).collect()
}

fn passkey(bench: &Bench, id: AccountId, credential: &str, now: DateTime<Utc>) -> Passkey {
    Passkey {
        id: PasskeyId::make(&*bench.chance),
        account_id: id,
        credential_id: CredentialId::new(credential.as_bytes()).unwrap(),
        name: PasskeyName::parse("a walk").unwrap(),
        state: CredentialState { key: "{}".to_owned(), counter: 0, backed_up: false },
        created_at: now,
        last_used_at: None,
    }
}
