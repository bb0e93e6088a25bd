//! `/profile`: one's own data, membership, badge, sessions; and who may open the account's pages.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::{Access, Account, Membership, MembershipState, ReviewKind, ReviewState, Standing};
use idp_core::thai::Title;

use super::security::removal_of_factors;
use super::{about, accept, restrict, words};
use crate::error::AppError;
use crate::extract::{Member, Visitor};
use crate::jobs;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::page::{EndedPage, MembershipView, MessagePage, ProfilePage, SessionRow, Sign};
use crate::view::shell::Action as PageAction;
use crate::view::text::Text;

/// GET. What a member may see follows from what the account may do.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    let Some(member) = visitor.member.clone() else { return Ok(visitor.go(urls::LOGIN)) };
    let account = &member.account.account;
    if account.access(visitor.now) == Access::Full && !accept::has_accepted(&member.account) {
        return Ok(visitor.go(urls::ACCEPT));
    }
    let page = match account.access(visitor.now) {
        Access::Full => full(&app, &visitor, &member).await?.render_response(StatusCode::OK),
        Access::VerifyOrDelete => ended(&app, &visitor, account).render_response(StatusCode::OK),
        Access::KeepOrLeave => leaving(&visitor, account).render_response(StatusCode::OK),
        Access::Barred => suspended(&visitor).render_response(StatusCode::FORBIDDEN),
    };
    Ok(visitor.dress(page.into_response()))
}

/// The member who may open the pages beside this one. Everybody else goes where they are told what they may do.
///
/// # Errors
/// The way there: the sign-in page, or `/profile`.
pub fn at_home(visitor: &Visitor) -> Result<Member, Box<Response>> {
    let member = visitor.signed_in()?;
    match member.account.account.access(visitor.now) {
        Access::Full if !accept::has_accepted(&member.account) => Err(Box::new(visitor.go(urls::ACCEPT))),
        Access::Full => Ok(member),
        Access::VerifyOrDelete | Access::KeepOrLeave | Access::Barred => Err(Box::new(visitor.go(urls::PROFILE))),
    }
}

async fn full(app: &App, visitor: &Visitor, member: &Member) -> Result<ProfilePage, AppError> {
    let account = &member.account.account;
    let profile = &account.profile;
    let lang = visitor.lang;
    Ok(ProfilePage {
        shell: visitor.shell(),
        full_name: with_title(&profile.title, &profile.full_name()),
        full_name_en: profile.full_name_en(),
        email: account.email.as_str().to_owned(),
        phone: profile.phone.as_ref().map(idp_core::phone::PhoneNumber::shown),
        birth: words::date(&profile.birth_date, lang),
        sex: Text::key(words::sex(profile.sex)),
        organization: profile.organization.clone(),
        department: profile.department.clone(),
        position: profile.position.clone(),
        personnel_type: Text::key(words::personnel_type(profile.personnel_type)),
        about: about::form_of(&account.about),
        picture: account.about.picture.as_ref().map(urls::member_picture),
        membership: membership(app, visitor, account).await?,
        sessions: sessions(app, visitor, member).await?,
        verify_href: urls::VERIFY.to_owned(),
        review: review(app, account, visitor.now).await?,
        removal: removal_of_factors(app, visitor, account).await?,
    })
}

/// That a change of name was declined is said for so long.
const DECLINED_SHOWN: TimeDelta = TimeDelta::days(30);

/// How a verification stands that an officer looks at.
async fn review(app: &App, account: &Account, now: DateTime<Utc>) -> Result<Option<Text>, AppError> {
    let permanent = account.badge().is_some();
    let latest = app.store.reviews_of(account.id, 1).await?;
    // What was asked for on the way to the badge is over once the badge is there.
    let latest = latest.first().filter(|review| !permanent || review.kind == ReviewKind::NameChanged);
    Ok(latest.and_then(|review| match review.state {
        ReviewState::Open { .. } if permanent => Some(Text::key("rev-own-name-waiting")),
        ReviewState::Open { .. } => Some(Text::key("rev-own-waiting")),
        ReviewState::Declined { at, .. } if permanent => {
            (now - at < DECLINED_SHOWN).then(|| Text::key("rev-own-name-declined"))
        }
        ReviewState::Declined { .. } => Some(Text::key("rev-own-declined")),
        ReviewState::Approved { .. } | ReviewState::Superseded => None,
    }))
}

/// A Thai title and its name are one word; a title that ends in a Latin letter stands apart.
fn with_title(title: &Title, name: &str) -> String {
    let title = title.as_thai();
    let gap = if title.ends_with(|last: char| last.is_ascii_alphabetic()) { " " } else { "" };
    format!("{title}{gap}{name}")
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

async fn sessions(app: &App, visitor: &Visitor, member: &Member) -> Result<Vec<SessionRow>, AppError> {
    let sessions = app.store.sessions_of(member.account.account.id, visitor.now, app.session_limits()).await?;
    Ok(sessions
        .into_iter()
        .map(|session| SessionRow {
            current: session.id == member.session.id,
            since: words::moment(session.authenticated_at, visitor.lang),
            last: words::moment(session.last_seen_at, visitor.lang),
            device: session.device,
        })
        .collect())
}

/// The sixty days are over: verify or delete.
pub fn ended(app: &App, visitor: &Visitor, account: &Account) -> EndedPage {
    let end = account.tokens_end_at();
    let in_words = |day| words::day(day, visitor.lang);
    EndedPage {
        shell: visitor.shell(),
        since: end.map(in_words).unwrap_or_default(),
        erased_on: end.and_then(|end| jobs::erased_after(app, end)).map(in_words),
    }
}

fn leaving(visitor: &Visitor, account: &Account) -> MessagePage {
    let date = match &account.standing {
        Standing::Deleting { erase_at } => words::day(*erase_at, visitor.lang),
        _ => return restrict::resting(visitor),
    };
    MessagePage {
        shell: visitor.shell(),
        id: "deletion-scheduled",
        sign: Sign::Notice,
        title: Text::key("deleting-title"),
        body: vec![Text::key("deleting-body").with("date", date)],
        actions: vec![
            PageAction::primary(urls::KEEP, Text::key("deleting-keep")),
            PageAction::secondary(urls::DATA, Text::key("data-title")),
            PageAction::secondary(urls::SIGN_OUT, Text::key("logout")),
        ],
    }
}

fn suspended(visitor: &Visitor) -> MessagePage {
    MessagePage {
        shell: visitor.shell(),
        id: "suspended",
        sign: Sign::Notice,
        title: Text::key("suspended-title"),
        body: vec![Text::key("login-suspended")],
        actions: vec![PageAction::primary(urls::SIGN_OUT, Text::key("logout"))],
    }
}
