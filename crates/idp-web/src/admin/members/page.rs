//! `/admin/members/{account}`: a member as staff see them. Without a reason it asks for one; with one, the look is written
//! down before anything is shown.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use idp_core::account::{
    AboutMe, Account, Membership, MembershipState, Nickname, Review, ReviewState, ShownPart, Standing, Username,
    WebPage,
};
use idp_core::admin::{Approval, ApprovalKind, Operation};
use idp_core::audit::Action;
use idp_core::id::AccountId;
use idp_store::{AuditLine, StoredAccount};
use serde::Deserialize;

use super::super::parameters::Parameters;
use super::super::{OnDuty, paths, reviews};
use super::look::{Look, ask, path_of};
use super::{looks_after, masked_email, named, words as said};
use crate::account::words;
use crate::error::AppError;
use crate::extract::Visitor;
use crate::oidc::pending::in_lang;
use crate::roles::is_person;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::MembershipView;
use crate::view::page::admin::{DeedForm, Evidence, Line, MemberPage, Shown, WithdrawalRequest};
use crate::view::text::Text;

/// Lines of each list.
const LINES: u64 = 20;

/// What the page is opened with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Opened {
    why: Option<String>,
    done: Option<String>,
}

/// What was just done, by its word.
const DONE: [(&str, &str); 10] = [
    ("suspend", "mem-done-suspend"),
    ("restore", "mem-done-restore"),
    ("sessions", "mem-done-sessions"),
    ("recovery", "mem-done-recovery"),
    ("mail", "mem-done-mail"),
    ("extend", "mem-done-extend"),
    ("remove-shown", "mem-done-shown"),
    ("badge", "mem-done-badge"),
    ("badge-approve", "mem-done-withdrawn"),
    ("badge-decline", "mem-done-kept"),
];

/// GET.
pub(super) async fn get(
    State(app): State<App>,
    duty: OnDuty,
    visitor: Visitor,
    Path(account): Path<String>,
    Parameters(opened): Parameters<Opened>,
) -> Result<Response, AppError> {
    let stored = named(&app, &account).await?;
    let why = opened.why.unwrap_or_default();
    let Some(look) = Look::open(&app, &duty, stored.account.id, &why, visitor.now) else {
        return Ok(ask(&duty, &visitor, stored.account.id, "", FieldErrors::none()));
    };
    let done = opened.done.and_then(|word| DONE.iter().find(|(known, _)| *known == word));
    let message = Message { done: done.map(|(_, key)| Text::key(key)), ..Message::default() };
    show(&app, &duty, &visitor, &stored, &look, message).await
}

/// What the page says about the deed before it.
#[derive(Default)]
pub(super) struct Message {
    pub(super) done: Option<Text>,
    pub(super) not_done: Option<Text>,
    pub(super) faulty: Option<&'static str>,
    pub(super) typed: String,
    pub(super) errors: FieldErrors,
}

/// Writes the look down, and shows the member.
pub(super) async fn show(
    app: &App,
    duty: &OnDuty,
    visitor: &Visitor,
    stored: &StoredAccount,
    look: &Look,
    message: Message,
) -> Result<Response, AppError> {
    look.record(app, duty).await?;
    let account = &stored.account;
    let lang = visitor.lang;
    let sign_ins = [Action::SignedIn, Action::SignInFailed];
    let sign_ins = app.store.events_of(account.id, &sign_ins, LINES).await?;
    let status = match (&message.not_done, message.errors.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, true) => StatusCode::OK,
    };
    let page = MemberPage {
        shell: visitor.shell(),
        console: duty.console(paths::MEMBERS),
        id: account.id.to_string(),
        base: path_of(account.id),
        why: look.sealed(app, duty),
        given_reason: look.reason().to_owned(),
        done: message.done,
        not_done: message.not_done,
        name: account.profile.full_name(),
        facts: facts(duty, visitor, account),
        membership: membership(app, visitor, account).await?,
        evidence: account.badge().map(|badge| Evidence {
            ial: badge.ial.clone(),
            reference: badge.reference.clone(),
            at: words::moment(badge.at, lang),
        }),
        standing: said::standing(account, lang),
        sessions: sessions(app, visitor, account).await?,
        sign_ins: sign_ins.iter().filter_map(|line| sign_in(line, visitor)).collect(),
        services: services(app, visitor, account).await?,
        mails: mails(app, visitor, account).await?,
        cases: cases(app, duty, visitor, account).await?,
        deeds: deeds(app, duty, visitor, account).await?,
        request: request(app, duty, visitor, account).await?,
        errors: message.errors,
        faulty: message.faulty,
        typed: message.typed,
    };
    Ok(visitor.dress(page.render_response(status).into_response()))
}

/// Whoever decides verifications sees what they compare; whoever helps on the telephone sees enough to recognise.
fn facts(duty: &OnDuty, visitor: &Visitor, account: &Account) -> Vec<(Text, String)> {
    let profile = &account.profile;
    let whole = duty.staff.may(Operation::CasesRead);
    let phone = profile.phone.as_ref().map(idp_core::phone::PhoneNumber::shown);
    let email = if whole { account.email.as_str().to_owned() } else { masked_email(&account.email) };
    let mut facts = vec![(Text::key("email-label"), email)];
    if let Some(phone) = phone {
        facts.push((Text::key("profile-phone"), if whole { phone } else { said::masked_phone(&phone) }));
    }
    if whole {
        facts.push((Text::key("card-birth"), words::date(&profile.birth_date, visitor.lang)));
        facts.push((Text::key("reg-org"), profile.organization.clone()));
    }
    facts.push((Text::key("mem-registered"), words::moment(account.registered_at, visitor.lang)));
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

async fn membership(app: &App, visitor: &Visitor, account: &Account) -> Result<MembershipView, AppError> {
    let lang = visitor.lang;
    Ok(match (&account.membership, account.membership.state(visitor.now)) {
        (Membership::Permanent { since, badge }, _) => MembershipView::Permanent {
            since: words::day(*since, lang),
            method: Text::key(words::method(badge.method)),
            number_masked: match app.store.identity(account.id).await? {
                Some(identity) => identity.number.masked(),
                None => String::new(),
            },
        },
        (_, MembershipState::Temporary { days_left, until }) => {
            MembershipView::Temporary { days_left, until: words::day(until, lang) }
        }
        (Membership::Temporary { expires_at }, _) => MembershipView::Ended { since: words::day(*expires_at, lang) },
    })
}

async fn sessions(app: &App, visitor: &Visitor, account: &Account) -> Result<Vec<Line>, AppError> {
    let sessions = app.store.sessions_of(account.id, visitor.now, app.session_limits()).await?;
    let line = |session: idp_core::session::Session| Line {
        what: Text::key("mem-line").with("what", &session.device),
        more: words::moment(session.authenticated_at, visitor.lang),
        href: None,
    };
    Ok(sessions.into_iter().map(line).collect())
}

/// A sign-in, without the network address: that is for whoever investigates, in the audit log.
fn sign_in(line: &AuditLine, visitor: &Visitor) -> Option<Line> {
    let key = match line.action.as_str() {
        word if word == Action::SignedIn.as_str() => "mem-signed-in",
        word if word == Action::SignInFailed.as_str() => "mem-sign-in-failed",
        _ => return None,
    };
    Some(Line { what: Text::key(key), more: words::moment(line.at, visitor.lang), href: None })
}

async fn services(app: &App, visitor: &Visitor, account: &Account) -> Result<Vec<Line>, AppError> {
    let mut services = Vec::new();
    for consent in app.store.consents_of(account.id).await? {
        let name = match app.store.client(&consent.client_id).await? {
            Some(client) => in_lang(&client.name, visitor.lang).to_owned(),
            None => consent.client_id.to_string(),
        };
        let more = words::moment(consent.given_at, visitor.lang);
        services.push(Line { what: Text::key("mem-line").with("what", name), more, href: None });
    }
    Ok(services)
}

async fn mails(app: &App, visitor: &Visitor, account: &Account) -> Result<Vec<Line>, AppError> {
    let mails = app.store.mails_of(account.id, LINES).await?;
    let line = |mail: &idp_store::MailTrace| Line {
        what: said::mail_kind(&mail.kind),
        more: crate::view::text::format(visitor.lang, &said::mail_fate(mail, visitor.lang)),
        href: None,
    };
    Ok(mails.iter().map(line).collect())
}

/// Reviews first: they are what can be done something about.
async fn cases(app: &App, duty: &OnDuty, visitor: &Visitor, account: &Account) -> Result<Vec<Line>, AppError> {
    let may_open = duty.staff.may(Operation::CasesRead);
    let review = |review: &Review| Line {
        what: reviews::kind(review.kind),
        more: crate::view::text::format(visitor.lang, &reviews::state(&review.state, visitor.lang)),
        href: (may_open && matches!(review.state, ReviewState::Open { .. })).then(|| reviews::path_of(review.id)),
    };
    let mut cases: Vec<Line> = app.store.reviews_of(account.id, 5).await?.iter().map(review).collect();
    let attempts = app.store.cases_of(account.id, LINES).await?;
    cases.extend(attempts.iter().map(|case| Line {
        what: said::outcome(case.outcome),
        more: words::moment(case.opened_at, visitor.lang),
        href: None,
    }));
    Ok(cases)
}

/// The request that waits for a second person to withdraw the badge.
pub(super) async fn waiting(app: &App, id: AccountId, now: DateTime<Utc>) -> Result<Option<Approval>, AppError> {
    let open = app.store.open_approvals(&id.to_string(), now).await?;
    Ok(open.into_iter().find(|asked| asked.kind == ApprovalKind::BadgeWithdrawal))
}

async fn request(
    app: &App,
    duty: &OnDuty,
    visitor: &Visitor,
    account: &Account,
) -> Result<Option<WithdrawalRequest>, AppError> {
    let Some(asked) = waiting(app, account.id, visitor.now).await? else { return Ok(None) };
    let would = duty.staff.may(Operation::ApprovalDecideMember)
        && asked.may_decide(duty.id(), visitor.now).is_ok()
        && looks_after(app, duty, account.id).await?;
    let person = is_person(&app.store, duty.id()).await?;
    Ok(Some(WithdrawalRequest {
        id: asked.id.to_string(),
        since: words::moment(asked.asked_at, visitor.lang),
        reason: asked.reason,
        may_decide: would && person,
        unverified: would && !person,
    }))
}

/// What the reader's roles allow and the account's state makes sense of.
async fn deeds(app: &App, duty: &OnDuty, visitor: &Visitor, account: &Account) -> Result<Vec<DeedForm>, AppError> {
    if !looks_after(app, duty, account.id).await? {
        return Ok(Vec::new());
    }
    let stopped = matches!(account.standing, Standing::Suspended { .. } | Standing::Frozen { .. });
    let suspended = matches!(account.standing, Standing::Suspended { .. });
    let temporary = account.badge().is_none();
    let in_use = account.standing == Standing::Active;
    let dispute = match stopped {
        true => app.store.dispute(account.id).await?,
        false => None,
    };
    let badge_what = match is_person(&app.store, duty.id()).await? {
        true => "mem-badge-what",
        false => "adm-unverified",
    };
    let restore_what = match dispute {
        Some(dispute) => Text::key("mem-restore-disputed").with("when", words::moment(dispute.since, visitor.lang)),
        None => Text::key("mem-restore-what"),
    };
    let shown = shown(&account.about);
    let all = [
        ("extend", Operation::MembershipExtend, temporary && in_use, "mem-extend", Text::key("mem-extend-what")),
        ("mail", Operation::MemberMail, temporary && in_use, "mem-mail", Text::key("mem-mail-what")),
        ("recovery", Operation::MemberMail, !suspended, "mem-recovery", Text::key("mem-recovery-what")),
        ("sessions", Operation::MemberSessionsEnd, true, "mem-sessions", Text::key("mem-sessions-what")),
        ("restore", Operation::MemberStanding, stopped, "mem-restore", restore_what),
        ("suspend", Operation::MemberStanding, !suspended, "mem-suspend", Text::key("mem-suspend-what")),
        ("remove-shown", Operation::MemberShown, !shown.is_empty(), "mem-shown", Text::key("mem-shown-what")),
        ("badge", Operation::BadgeAsk, !temporary, "mem-badge", Text::key(badge_what)),
    ];
    Ok(all
        .into_iter()
        .filter(|(_, operation, makes_sense, _, _)| *makes_sense && duty.staff.may(*operation))
        .map(|(word, _, _, label, what)| DeedForm {
            word,
            label: Text::key(label),
            what,
            days: word == "extend",
            shown: if word == "remove-shown" { shown.clone() } else { Vec::new() },
            new_factors: dispute.map_or(0, |dispute| dispute.factors) * u32::from(word == "restore"),
        })
        .collect())
}

/// What a member shows, for whoever may take it away.
fn shown(about: &AboutMe) -> Vec<Shown> {
    about
        .parts()
        .into_iter()
        .map(|part| {
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            Shown {
                field: format!("shown_{}", part.as_str()),
                label: Text::key(match part {
                    ShownPart::Picture => "mem-shown-picture",
                    ShownPart::Nickname => "mem-shown-nickname",
                    ShownPart::Username => "mem-shown-username",
                    ShownPart::Profile => "mem-shown-profile",
                    ShownPart::Website => "mem-shown-website",
                }),
                text: match part {
                    ShownPart::Picture => String::new(),
                    ShownPart::Nickname => text(about.nickname.as_ref().map(Nickname::as_str)),
                    ShownPart::Username => text(about.username.as_ref().map(Username::as_str)),
                    ShownPart::Profile => text(about.profile.as_ref().map(WebPage::as_str)),
                    ShownPart::Website => text(about.website.as_ref().map(WebPage::as_str)),
                },
                picture: match part {
                    ShownPart::Picture => about.picture.as_ref().map(urls::member_picture),
                    _ => None,
                },
            }
        })
        .collect()
}
