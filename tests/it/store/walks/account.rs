//! One account in several browsers: recovery, another password, another address and its way back, while somebody else
//! takes addresses as well.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{CodeState, CodeVerdict, EmailChange, EmailChangeStage, NewFactors, Standing};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::email::EmailAddress;
use idp_core::id::{AccountId, EmailChangeId};
use idp_core::password::PasswordHash;
use idp_core::secret::Secret;
use idp_core::session::{Session, SessionEnd};
use idp_store::{
    EmailChangeOrder, EmailChanged, EmailUndoOrder, EmailUndone, Ending, NewPassword, OneTimeLink, RECOVERY,
    SIGN_IN_DISPUTE, Settlement, SignInOrder, ThaidDoor,
};

use super::super::Bench;
use super::{Dice, walk_all};

const STEPS: usize = 20;
/// The purpose of a link by which its holder objects to a deed.
const OBJECTS: &str = "not-me-password";
/// What objections are good for.
const OBJECTION: TimeDelta = TimeDelta::days(30);

/// What was proven, and what must be so because of it.
struct Model {
    email: usize,
    password: u32,
    frozen: bool,
    /// Whether its owner disputes a deed.
    disputed: bool,
    sessions: Vec<(Session, bool)>,
    recovery: Vec<Known>,
    /// Links by which a sign-in was not the owner's.
    disputes: Vec<Known>,
    /// Links by which a deed was not the owner's.
    objections: Vec<Known>,
    undo: Vec<Undo>,
    pending: Option<Pending>,
    /// The address the other account has.
    other: usize,
}

/// A link that was mailed.
struct Known {
    secret: Secret,
    until: DateTime<Utc>,
    used: bool,
}

struct Undo {
    secret: Secret,
    former: usize,
    at: DateTime<Utc>,
    done: bool,
}

struct Pending {
    session: usize,
    to: usize,
    /// Unknown to anybody when the address belonged to somebody.
    code: Option<String>,
    at: DateTime<Utc>,
    guesses: u32,
}

impl Model {
    fn end_all(&mut self) {
        self.sessions.iter_mut().for_each(|(_, lives)| *lives = false);
    }

    fn end_others(&mut self, kept: usize) {
        self.sessions.iter_mut().enumerate().for_each(|(at, (_, lives))| *lives &= at == kept);
    }

    fn spend_recovery(&mut self) {
        self.recovery.iter_mut().for_each(|link| link.used = true);
    }

    /// The mailbox is another one: nothing that lies in the old one sets a password.
    fn leave_mailbox(&mut self) {
        self.spend_recovery();
        self.disputes.iter_mut().for_each(|link| link.used = true);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s070_no_walk_changes_a_password_or_an_address_without_its_proof() {
    walk_all("account", walk).await;
}

/// A hash that no password has, told apart by a number.
fn hash(label: u32) -> PasswordHash {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&label.to_be_bytes());
    let text =
        format!("$argon2id$v=19$m=19456,t=2,p=1${}${}", STANDARD_NO_PAD.encode([0; 16]), STANDARD_NO_PAD.encode(bytes));
    PasswordHash::stored(&text).expect("the form of a hash")
}

fn new_password(account: AccountId, label: u32) -> NewPassword {
    NewPassword {
        account_id: account,
        hash: hash(label),
        device: None,
        links: Vec::new(),
        events: Vec::new(),
        mails: Vec::new(),
    }
}

async fn walk(bench: Arc<Bench>, seed: u64) -> bool {
    let (store, mut dice, mut now) = (&bench.store, Dice(seed), bench.now);
    let emails: Vec<EmailAddress> =
        (0..4).map(|which| EmailAddress::parse(&format!("a{seed}x{which}@mail.example")).unwrap()).collect();
    let registered = |which: usize| {
        let (bench, email) = (Arc::clone(&bench), emails[which].clone());
        async move {
            let registration = bench.confirmed(&email).await;
            let mut account = bench.account(&email);
            account.password = hash(0);
            let session = bench.session(account.id);
            bench.store.register(&account, registration, "1", bench.now, &session, None, &[], &[]).await.unwrap();
            (account.id, session)
        }
    };
    let (id, session) = registered(0).await;
    let (other_id, other_session) = registered(1).await;
    let mut model = Model {
        email: 0,
        password: 0,
        frozen: false,
        disputed: false,
        sessions: vec![(session, true)],
        recovery: Vec::new(),
        disputes: Vec::new(),
        objections: Vec::new(),
        undo: Vec::new(),
        pending: None,
        other: 1,
    };
    let (mut codes, mut changes) = (Vec::<String>::new(), 0);
    for step in 0..STEPS {
        let (place, before) = (format!("seed {seed}, step {step}"), changes);
        let at = dice.roll(model.sessions.len());
        let due = if model.pending.is_some() { 6 } else { 5 };
        match if dice.roll(3) == 0 { due } else { dice.roll(15) } {
            0 => {
                let secret = Secret::make(&*bench.chance);
                let until = now + TimeDelta::minutes(30);
                let link = OneTimeLink {
                    digest: secret.digest(),
                    account_id: id,
                    purpose: RECOVERY.to_owned(),
                    expires_at: until,
                };
                store.order_recovery(&link, &[], &[]).await.unwrap();
                model.recovery.push(Known { secret, until, used: false });
            }
            1 => {
                let stranger = Secret::make(&*bench.chance);
                let which = dice.roll(model.recovery.len() + 1);
                let known = model.recovery.get(which);
                let digest = known.map_or(stranger.digest(), |link| link.secret.digest());
                let expected = known.is_some_and(|link| !link.used && now < link.until);
                let label = model.password + 1;
                let set = store.recover_password(&digest, new_password(id, label), now).await.unwrap();
                assert_eq!(set, expected, "{place}");
                if set {
                    model.password = label;
                    model.spend_recovery();
                    model.end_all();
                    model.pending = None;
                    changes += 1;
                }
            }
            2 if model.sessions[at].1 => {
                let guess = if dice.roll(2) == 0 { model.password } else { model.password + 7 };
                let label = model.password + 1;
                let kept = model.sessions[at].0.id;
                let set = store.change_password(&hash(guess), kept, new_password(id, label), now).await.unwrap();
                assert_eq!(set, guess == model.password, "{place}");
                if set {
                    model.password = label;
                    model.spend_recovery();
                    model.end_others(at);
                    model.pending = None;
                    changes += 1;
                }
            }
            3 if model.sessions.len() < 4 => {
                let session = bench.session(id);
                let guess = if dice.roll(2) == 0 { model.password } else { model.password.wrapping_sub(1) };
                let order = SignInOrder {
                    session: session.clone(),
                    password: Some(hash(guess)),
                    replaces: None,
                    device: None,
                    line: None,
                    completes: None,
                    links: Vec::new(),
                    notices: Vec::new(),
                    events: Vec::new(),
                };
                let begun = store.sign_in(order, now).await.unwrap();
                assert_eq!(begun, guess == model.password && !model.frozen, "{place}");
                if begun {
                    model.sessions.push((session, true));
                }
            }
            4 => {
                let ending = Ending::Session(model.sessions[at].0.id);
                store.end_sessions(ending, SessionEnd::SignedOut, now, &[], &[]).await.unwrap();
                model.sessions[at].1 = false;
            }
            5 => {
                let to = dice.roll(emails.len());
                let change_id = EmailChangeId::make(&*bench.chance);
                let free = store.account_by_email(emails[to].key()).await.unwrap().is_none();
                assert_eq!(free, to != model.email && to != model.other, "{place}");
                let code = dice.six_digits();
                let digits = Secret::presented(code.as_str());
                let secret = if free { digits } else { Secret::make(&*bench.chance) };
                let state = CodeState::sent(&secret, &change_id.to_string(), now);
                let asked = EmailChange {
                    id: change_id,
                    account_id: id,
                    session_id: model.sessions[at].0.id,
                    email: emails[to].clone(),
                    stage: EmailChangeStage::CodeSent { code: state },
                };
                let done = store.ask_email_change(&asked, &state, &[], &[]).await.unwrap();
                assert_eq!(done, model.sessions[at].1, "{place}");
                if done {
                    codes.push(code.clone());
                    model.pending = Some(Pending { session: at, to, code: free.then_some(code), at: now, guesses: 0 });
                }
            }
            6 => {
                let own = model.pending.as_ref().and_then(|pending| pending.code.clone());
                let typed = match dice.roll(4) {
                    0 => dice.six_digits(),
                    1 => dice.pick(&codes).cloned().unwrap_or_default(),
                    _ => own.unwrap_or_default(),
                };
                let undo = Secret::make(&*bench.chance);
                let session = model.sessions[at].0.clone();
                let came = type_code(&bench, id, &session, &typed, &emails[model.email], &undo, now).await;
                let mut expected = None;
                if let Some(pending) = model.pending.as_mut().filter(|pending| pending.session == at) {
                    pending.guesses += 1;
                    let in_time = now <= pending.at + TimeDelta::minutes(10);
                    if pending.code.as_ref() == Some(&typed) && in_time && pending.guesses <= 5 {
                        expected = Some(match (model.sessions[at].1 && !model.frozen, pending.to == model.other) {
                            (false, false) => EmailChanged::Gone,
                            (true, false) => EmailChanged::Done,
                            // Somebody has it by now; which of the two reasons is told first is all the same.
                            (_, true) => came.unwrap_or(EmailChanged::Done),
                        });
                    }
                }
                assert_eq!(came, expected, "{place}");
                if came == Some(EmailChanged::Done) {
                    let pending = model.pending.take().expect("it was waited for");
                    assert_ne!(pending.to, model.other, "{place}");
                    model.undo.push(Undo { secret: undo, former: model.email, at: now, done: false });
                    model.email = pending.to;
                    model.end_others(at);
                    model.leave_mailbox();
                    changes += 1;
                }
            }
            7 => {
                let which = dice.roll(model.undo.len() + 1);
                let stranger = Secret::make(&*bench.chance);
                let digest = model.undo.get(which).map_or(stranger.digest(), |undo| undo.secret.digest());
                let recovery = Secret::make(&*bench.chance);
                let until = now + TimeDelta::minutes(30);
                let label = model.password + 1;
                let order = EmailUndoOrder {
                    undo: digest,
                    void: hash(label),
                    recovery: OneTimeLink {
                        digest: recovery.digest(),
                        account_id: id,
                        purpose: RECOVERY.to_owned(),
                        expires_at: until,
                    },
                    links: Vec::new(),
                    events: Vec::new(),
                    factors_removed: AuditEvent::new(now, Actor::Anonymous, Action::FactorRemoved).account(id),
                    mails: Vec::new(),
                };
                let came = store.undo_email_change(order, now).await.unwrap();
                let found = model.undo.get(which).filter(|undo| !undo.done && now < undo.at + TimeDelta::days(7));
                let expected = match found {
                    None => EmailUndone::Gone,
                    Some(undo) if undo.former == model.other => EmailUndone::Frozen,
                    Some(_) => EmailUndone::Restored,
                };
                assert_eq!(came, expected, "{place}");
                if came != EmailUndone::Gone {
                    let (since, former) = (model.undo[which].at, model.undo[which].former);
                    model.undo.iter_mut().filter(|undo| undo.at >= since).for_each(|undo| undo.done = true);
                    model.pending = None;
                    model.end_all();
                    model.leave_mailbox();
                    match came {
                        EmailUndone::Restored => {
                            (model.email, model.password) = (former, label);
                            model.recovery.push(Known { secret: recovery, until, used: false });
                        }
                        _ => (model.frozen, model.disputed) = (true, true),
                    }
                    changes += 1;
                }
            }
            8 => {
                // Somebody else takes an address that is free.
                let to = dice.roll(emails.len());
                if to != model.email && to != model.other {
                    let undo = Secret::make(&*bench.chance);
                    let change_id = EmailChangeId::make(&*bench.chance);
                    let code = CodeState::sent(&Secret::presented("1"), &change_id.to_string(), now);
                    let asked = EmailChange {
                        id: change_id,
                        account_id: other_id,
                        session_id: other_session.id,
                        email: emails[to].clone(),
                        stage: EmailChangeStage::CodeSent { code },
                    };
                    assert!(store.ask_email_change(&asked, &code, &[], &[]).await.unwrap(), "{place}");
                    let former = &emails[model.other];
                    let came = type_code(&bench, other_id, &other_session, "1", former, &undo, now).await;
                    assert_eq!(came, Some(EmailChanged::Done), "{place}");
                    model.other = to;
                }
            }
            9 => {
                let (secret, objects) = (Secret::make(&*bench.chance), dice.roll(2) == 0);
                let until = now + OBJECTION;
                let purpose = if objects { OBJECTS } else { SIGN_IN_DISPUTE };
                let link = OneTimeLink {
                    digest: secret.digest(),
                    account_id: id,
                    purpose: purpose.to_owned(),
                    expires_at: until,
                };
                store.order_recovery(&link, &[], &[]).await.unwrap();
                let known = Known { secret, until, used: false };
                if objects { model.objections.push(known) } else { model.disputes.push(known) }
            }
            10 => {
                let which = dice.roll(model.disputes.len() + 1);
                let stranger = Secret::make(&*bench.chance).digest();
                let known = model.disputes.get_mut(which);
                let digest = known.as_ref().map_or(stranger, |link| link.secret.digest());
                let expected = known.is_some_and(|link| !std::mem::replace(&mut link.used, true) && now < link.until);
                let (recovery, label, until) =
                    (Secret::make(&*bench.chance), model.password + 1, now + TimeDelta::minutes(30));
                let link = OneTimeLink {
                    digest: recovery.digest(),
                    account_id: id,
                    purpose: RECOVERY.to_owned(),
                    expires_at: until,
                };
                let (void, door) = (hash(label), ThaidDoor::Left);
                let came = store.dispute_sign_in(&digest, SIGN_IN_DISPUTE, &link, &void, door, now, &[]).await.unwrap();
                assert_eq!(came, expected, "{place}");
                if came {
                    model.password = label;
                    model.spend_recovery();
                    model.recovery.push(Known { secret: recovery, until, used: false });
                    model.end_all();
                    model.pending = None;
                    changes += 1;
                }
            }
            11 => {
                let which = dice.roll(model.objections.len() + 1);
                let stranger = Secret::make(&*bench.chance).digest();
                let known = model.objections.get_mut(which);
                let digest = known.as_ref().map_or(stranger, |link| link.secret.digest());
                let expected = known.is_some_and(|link| !std::mem::replace(&mut link.used, true) && now < link.until);
                let came = store.dispute_deed(&digest, OBJECTS, OBJECTION, now, &[]).await.unwrap();
                assert_eq!(came, expected, "{place}");
                if came {
                    (model.frozen, model.disputed) = (true, true);
                    model.spend_recovery();
                    model.end_all();
                    changes += 1;
                }
            }
            12 if model.frozen => {
                let (settled, label) = (dice.roll(3) > 0, model.password + 1);
                let settlement = settled.then(|| Settlement { factors: NewFactors::Keep, password: hash(label) });
                let came = store.restore(id, settlement, now, &[], &[]).await.unwrap();
                assert_eq!(came, settled == model.disputed, "{place}");
                if came {
                    (model.frozen, model.disputed, model.password) = (false, false, label);
                    model.pending = None;
                    changes += 1;
                }
            }
            _ => now += dice.wait(&[1, 6, 11, 31, 24 * 60, 8 * 24 * 60]),
        }
        let account = store.account(id).await.unwrap().expect("it is there");
        assert_eq!(account.email.key(), emails[model.email].key(), "{place}");
        assert!(account.password == hash(model.password), "{place}: the password");
        assert_eq!(matches!(account.standing, Standing::Frozen { .. }), model.frozen, "{place}");
        // Who is signed in may have changed where something succeeded; reading it each time would be most of the walk.
        if changes != before {
            are_alive(&bench, &model, &place).await;
        }
    }
    are_alive(&bench, &model, &format!("seed {seed}, the end")).await;
    changes > 0
}

/// The sessions that live are those that should.
async fn are_alive(bench: &Bench, model: &Model, place: &str) {
    for (session, lives) in &model.sessions {
        let found = bench.store.session(session.id).await.unwrap().expect("it is there");
        assert_eq!(found.ended_at.is_none(), *lives, "{place}: a session");
    }
}

/// What the page with the code does, for a session that may have ended meanwhile. `None` where the code was not right.
async fn type_code(
    bench: &Bench,
    account: AccountId,
    session: &Session,
    typed: &str,
    former: &EmailAddress,
    undo: &Secret,
    now: DateTime<Utc>,
) -> Option<EmailChanged> {
    let change = bench.store.take_email_guess(account, session.id).await.unwrap()?;
    let code = change.code()?;
    if change.judge(typed, session.id, now) != CodeVerdict::Right {
        return None;
    }
    let order = EmailChangeOrder {
        change,
        code: code.digest,
        former: former.clone(),
        undo: undo.digest(),
        events: Vec::new(),
        mails: Vec::new(),
    };
    Some(bench.store.change_email(order, now).await.unwrap())
}
