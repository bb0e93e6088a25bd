//! `/admin/clients/new`: a client is registered, as a draft that nobody signs in to yet.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::admin::Operation;
use idp_core::client::{Client, EventKind};
use idp_core::id::ClientId;
use idp_core::secret::Secret;

use super::{form, logo, refused, snippet};
use crate::admin::once::Once;
use crate::admin::{OnDuty, again, paths};
use crate::clients::settings::new_draft;
use crate::clients::{ClientDesk, Refused, signs};
use crate::error::AppError;
use crate::extract::{PostedWithFile, Visitor};
use crate::middleware::AsksUs;
use crate::state::App;
use crate::urls;
use crate::view::Page as _;
use crate::view::console;
use crate::view::field::FieldErrors;
use crate::view::page::admin::{ClientDonePage, ClientForm, ClientFormPage, ScopeTick};
use crate::view::page::{MessagePage, Sign};
use crate::view::shell::Action;
use crate::view::text::Text;

/// The form's own name.
const FORM: &str = "client";

/// GET: the safe choices, or what was typed before its author had to prove again who they are.
pub(in crate::admin) async fn get(
    State(app): State<App>,
    duty: OnDuty,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let kept = again::typed_before(&app, &duty, &visitor, paths::CLIENT_NEW).await?;
    let (origin, typed) = match &kept {
        Some(fields) => (Origin::Kept, form::kept(fields)),
        None => (Origin::Fresh, form::blank(&duty)),
    };
    let once = Once::of(&app, FORM).field(&ClientId::make(&*app.chance).as_str());
    Ok(show(&duty, &visitor, None, (origin, ClientForm { once, ..typed }), FieldErrors::none()))
}

/// POST.
pub(in crate::admin) async fn post(
    State(app): State<App>,
    duty: OnDuty,
    mut sent: PostedWithFile,
) -> Result<Response, AppError> {
    // A page that is loaded anew registers nothing anew.
    let id = ClientId::parse(&Once::of(&app, FORM).read::<String>(&sent.posted)?);
    let id = id.ok_or_else(|| AppError::internal("a form of ours names no client_id"))?;
    let mut errors = FieldErrors::none();
    let logo = logo::read(&mut sent, &mut errors).await;
    let visitor = &sent.posted.visitor;
    let typed = form::typed(&sent.posted);
    let begun = new_draft(id.clone());
    let draft = form::draft(&duty, &typed, begun, &mut errors);
    let signs = signs(&app);
    let desk = ClientDesk::of(&app, &signs);
    if !errors.is_empty() {
        form::judge(&desk, draft, None, &mut errors, visitor.now);
        return Ok(show(&duty, visitor, None, (Origin::Fresh, typed), errors));
    }
    match desk.register(&duty.hand, draft, &|_| None).await {
        Ok(made) => {
            let kept = logo::keep(&app, &duty, made.client, logo).await?;
            let client = kept.ok_or_else(|| AppError::internal("a client that nobody knows yet was changed"))?;
            Ok(done(&app, &duty, visitor, &client, made.secret.as_ref(), Text::key("cli-done-title")))
        }
        Err(Refused::IdTaken) => Ok(sent_already(visitor, &id)),
        Err(Refused::Faults(faults)) => {
            form::tell(&faults, &mut errors);
            Ok(show(&duty, visitor, None, (Origin::Fresh, typed), errors))
        }
        Err(other) => Err(refused(other, paths::CLIENTS)),
    }
}

/// Where what stands in the form comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// From the client, from the safe choices, or from this very request.
    Fresh,
    /// From before its author proved again who they are.
    Kept,
}

/// The client is there; its secret was shown by the answer before.
fn sent_already(visitor: &Visitor, id: &ClientId) -> Response {
    let page = MessagePage {
        shell: visitor.shell(),
        id: "sent-already",
        sign: Sign::Done,
        title: Text::key("cli-sent-already"),
        body: vec![Text::key("cli-sent-already-body")],
        actions: vec![Action::primary(paths::client(id), Text::key("cli-open"))],
    };
    visitor.dress(page.render_response(StatusCode::OK).into_response())
}

/// The form, for a new client or (`of`) for one that there is.
pub(super) fn show(
    duty: &OnDuty,
    visitor: &Visitor,
    of: Option<&Client>,
    (origin, form): (Origin, ClientForm),
    errors: FieldErrors,
) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let own = duty.staff.departments(duty.operation);
    let reachable = |word: &str| own.as_ref().is_none_or(|own| own.iter().any(|own| own.as_str() == word));
    let page = ClientFormPage {
        shell: visitor.shell(),
        console: duty.console(paths::CLIENTS),
        action: of.map_or_else(|| paths::CLIENT_NEW.to_owned(), |client| paths::client_edit(&client.id)),
        client_id: of.map(|client| client.id.to_string()),
        departments: console::departments(visitor.lang).into_iter().filter(|(word, _)| reachable(word)).collect(),
        scopes: form::OFFERED
            .map(|scope| ScopeTick {
                name: form::tick(scope),
                words: Text::key(crate::account::words::scope(scope)),
                ticked: form.scopes.contains(&scope.as_str()),
            })
            .to_vec(),
        events: EventKind::ALL
            .map(|kind| ScopeTick {
                name: form::event_tick(kind),
                words: Text::key(super::words::event(kind)),
                ticked: form.events.contains(&kind.as_str()),
            })
            .to_vec(),
        logo: of.and_then(|client| client.logo.as_ref()).map(urls::client_logo),
        is_kept: origin == Origin::Kept,
        form,
        errors,
    };
    let mut response = page.render_response(status).into_response();
    response.extensions_mut().insert(AsksUs);
    visitor.dress(response)
}

/// What whoever builds the service needs: the id, the secret this once, and lines to copy.
pub(super) fn done(
    app: &App,
    duty: &OnDuty,
    visitor: &Visitor,
    client: &Client,
    secret: Option<&Secret>,
    title: Text,
) -> Response {
    let page = ClientDonePage {
        shell: visitor.shell(),
        console: duty.console(paths::CLIENTS),
        title,
        client_id: client.id.to_string(),
        secret: secret.map(|secret| secret.reveal().to_owned()),
        issuer: app.issuer().to_owned(),
        snippets: snippet::of(app, client),
        href: paths::client(&client.id),
        may_try: duty.staff.may_for(Operation::ClientTry, client.department.as_ref()) && client.may_be_tried().is_ok(),
    };
    visitor.dress(page.render_response(StatusCode::OK).into_response())
}
