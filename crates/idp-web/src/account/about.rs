//! `/profile/about`: what a member chooses to show of themselves. Nothing here is asked for, and nothing is proven.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use idp_core::account::{AboutMe, Account, Nickname, Username, WebPage};
use idp_core::audit::{Action, AuditEvent};
use idp_core::claim::ClaimSet;
use idp_core::scope::Scope;
use serde_json::{Value, json};

use super::{profile, words};
use crate::error::AppError;
use crate::extract::{Member, Posted, Visitor};
use crate::oidc::pending::in_lang;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::{AboutForm, AboutPage};
use crate::view::text::Text;

/// Every field that may come; another one is a program's, and nothing of its form is taken.
const FIELDS: [&str; 6] = ["csrf", "nickname", "preferred_username", "profile", "website", "save"];

/// GET.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Result<Response, AppError> {
    match profile::at_home(&visitor) {
        Ok(member) => {
            let about = &member.account.account.about;
            show(&app, &visitor, &member.account, form_of(about), FieldErrors::none()).await
        }
        Err(elsewhere) => Ok(*elsewhere),
    }
}

/// POST: the words. Everything is judged at once, and kept as typed when something is wrong.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let member = match profile::at_home(visitor) {
        Ok(member) => member,
        Err(elsewhere) => return Ok(*elsewhere),
    };
    if let Some(name) = form.names().find(|name| !FIELDS.contains(name)) {
        return Err(AppError::bad_request(format!("{name} cannot be written here")));
    }
    let account = &member.account.account;
    let mut errors = FieldErrors::none();
    // In the order of the form, which is that of what is told to be wrong with it.
    let nickname =
        optional(&form, "nickname", &mut errors, |text| Nickname::parse(text).map_err(|error| error.message_key()));
    let username = optional(&form, "preferred_username", &mut errors, |text| {
        Username::parse(text).map_err(|error| error.message_key())
    });
    let page = |text: &str| WebPage::parse(text).map_err(|error| error.message_key());
    let own_page = optional(&form, "profile", &mut errors, page);
    let website = optional(&form, "website", &mut errors, page);
    if errors.is_empty() {
        let about = AboutMe { nickname, username, profile: own_page, website, picture: account.about.picture };
        if keep(&app, visitor, &member, &about, None).await? {
            return Ok(visitor.go(urls::ABOUT));
        }
        errors.add("nickname", Text::key("error-changed-meanwhile"));
    }
    let typed = |name| form.field(name).to_owned();
    let form = AboutForm {
        nickname: typed("nickname"),
        username: typed("preferred_username"),
        profile: typed("profile"),
        website: typed("website"),
    };
    show(&app, visitor, account, form, errors).await
}

/// A field that may stay empty.
fn optional<T>(
    form: &Posted,
    field: &'static str,
    errors: &mut FieldErrors,
    read: impl Fn(&str) -> Result<T, &'static str>,
) -> Option<T> {
    let text = form.given(field).filter(|text| !text.trim().is_empty())?;
    read(text).map_err(|fault| errors.add(field, Text::key(fault))).ok()
}

/// Keeps what is shown from now on. `false` when something was changed in this very moment.
pub(super) async fn keep(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    about: &AboutMe,
    png: Option<Vec<u8>>,
) -> Result<bool, AppError> {
    let account = &member.account.account;
    let changed = account.about.changed(about);
    if changed.is_empty() {
        return Ok(true);
    }
    let event = AuditEvent::by_member(visitor.now, account.id, Action::ProfileCorrected)
        .session(member.session.id)
        .from(visitor.origin.to_string())
        .detail(json!({ "fields": changed }));
    let when = (account.updated_at, visitor.now);
    Ok(app.store.change_about_me(account.id, about, png, when, &[event]).await?)
}

/// What is shown, as the form has it.
pub(super) fn form_of(about: &AboutMe) -> AboutForm {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    AboutForm {
        nickname: text(about.nickname.as_ref().map(Nickname::as_str)),
        username: text(about.username.as_ref().map(Username::as_str)),
        profile: text(about.profile.as_ref().map(WebPage::as_str)),
        website: text(about.website.as_ref().map(WebPage::as_str)),
    }
}

/// The page, with the services that will be told.
pub(super) async fn show(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    form: AboutForm,
    errors: FieldErrors,
) -> Result<Response, AppError> {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = AboutPage {
        shell: visitor.shell(),
        errors,
        form,
        picture: account.about.picture.as_ref().map(urls::member_picture),
        receivers: receivers(app, visitor, account).await?,
        removed: removed(app, visitor, account).await?,
    };
    Ok(visitor.dress(page.render_response(status).into_response()))
}

/// The services that receive some of the scope `profile` now, and with it what is added here.
async fn receivers(app: &App, visitor: &Visitor, account: &Account) -> Result<Vec<String>, AppError> {
    let shown = ClaimSet::chosen();
    let mut names = Vec::new();
    for consent in app.store.consents_of(account.id).await? {
        let release = consent.release();
        let told = release.scopes.contains(Scope::Profile) || !release.claims.intersect(shown).is_empty();
        if let (true, Some(client)) = (told, app.store.client(&consent.client_id).await?) {
            names.push(in_lang(&client.name, visitor.lang).to_owned());
        }
    }
    Ok(names)
}

/// What staff took away is said for so long.
const REMOVED_SHOWN: TimeDelta = TimeDelta::days(90);

/// What staff took away last: when, and why.
async fn removed(app: &App, visitor: &Visitor, account: &Account) -> Result<Option<Text>, AppError> {
    let lines = app.store.events_of(account.id, &[Action::ShownRemoved], 1).await?;
    let Some(line) = lines.first().filter(|line| visitor.now - line.at < REMOVED_SHOWN) else { return Ok(None) };
    let detail: Value = line.detail.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let reason = detail["reason"].as_str().unwrap_or_default();
    let when = words::moment(line.at, visitor.lang);
    Ok(Some(Text::key("about-removed").with("date", when).with("reason", reason)))
}
