//! `/admin/members`: find a member. What was typed goes into no address: it is sealed into that of the list it found.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use idp_core::account::Sought;
use idp_core::admin::Operation;
use idp_core::cursor;
use idp_core::id::ClientId;
use idp_core::reason::Reason;
use idp_store::{MemberList, MemberPage, MemberPlace};
use serde::{Deserialize, Serialize};

use super::super::parameters::Parameters;
use super::super::{OnDuty, paths};
use super::look::{Look, member_href, path_of};
use super::words::{masked_email, membership, standing_word};
use crate::account::words;
use crate::error::AppError;
use crate::extract::{Posted, Visitor};
use crate::members::find;
use crate::state::App;
use crate::view::Page as _;
use crate::view::field::FieldErrors;
use crate::view::page::admin::{Found, MemberRow, MembersPage};
use crate::view::text::Text;

const SEAL: &str = "members";
/// Members on a page.
const PAGE: u64 = 25;

/// The words for the lists, in the order of [`find::LISTS`].
const LABELS: [&str; find::LISTS.len()] = [
    "mem-list-all",
    "mem-list-temporary",
    "mem-list-ended",
    "mem-list-permanent",
    "mem-list-suspended",
    "mem-list-frozen",
    "mem-list-resting",
    "mem-list-deleting",
];

/// What is listed, and from where on.
#[derive(Serialize, Deserialize)]
struct Spot {
    list: MemberList,
    after: Option<MemberPlace>,
}

/// Which list is asked for: a sealed place, a word, or a service.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    at: Option<String>,
    list: Option<String>,
    client: Option<String>,
}

/// GET.
pub(super) async fn get(
    State(app): State<App>,
    duty: OnDuty,
    visitor: Visitor,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, AppError> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let spot = match (given(asked.at), given(asked.list), given(asked.client)) {
        (Some(at), None, None) => Some(cursor::open(&app.vault, SEAL, duty.id(), &at).ok_or_else(no_such_place)?),
        (None, Some(word), None) => {
            let list = find::LISTS.into_iter().find(|(known, _)| *known == word).ok_or_else(no_such_place)?;
            Some(Spot { list: list.1, after: None })
        }
        (None, None, Some(client)) => {
            let Some(client) = ClientId::parse(client.trim()) else { return Ok(no_such_client(&duty, &visitor)) };
            Some(Spot { list: MemberList::Of(client), after: None })
        }
        (None, None, None) => None,
        _ => return Err(no_such_place()),
    };
    let mut sheet = Sheet::new(&duty, &visitor);
    if let Some(spot) = spot {
        let page = app.store.members(&spot.list, spot.after.as_ref(), PAGE, visitor.now).await?;
        find::record(&app.store, &duty.hand, &spot.list, &page).await?;
        sheet.found = Some(found(&app, &duty, &visitor, &spot, &page));
        sheet.list = Some(spot.list);
    }
    Ok(sheet.show())
}

/// S089: what this list did not make for this reader.
fn no_such_place() -> AppError {
    AppError::bad_request("the place is not one of this list").next(paths::MEMBERS, "mem-title")
}

fn no_such_client(duty: &OnDuty, visitor: &Visitor) -> Response {
    let mut sheet = Sheet::new(duty, visitor);
    sheet.errors.add("client", Text::key("error-client-id"));
    sheet.show()
}

/// POST `/admin/members/search`: by what was typed, or those of a service.
pub(super) async fn search(State(app): State<App>, duty: OnDuty, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    if let Some(client) = form.given("client") {
        return Ok(match ClientId::parse(client.trim()) {
            Some(client) => visitor.go(&format!("{}?client={client}", paths::MEMBERS)),
            None => no_such_client(&duty, visitor),
        });
    }
    match Sought::parse(form.field("sought")) {
        Ok(Sought::Account(id)) => Ok(visitor.go(&path_of(id))),
        Ok(Sought::Word(prefix)) => {
            let spot = Spot { list: MemberList::Called(prefix), after: None };
            Ok(visitor.go(&href(&app, &duty, &spot)))
        }
        Err(error) => {
            let mut sheet = Sheet::new(&duty, visitor);
            sheet.errors.add("sought", Text::key(error.message_key()));
            // A number typed into the wrong box is not shown again.
            sheet.sought = match error {
                idp_core::account::SoughtError::Number => String::new(),
                _ => form.field("sought").to_owned(),
            };
            Ok(sheet.show())
        }
    }
}

/// POST `/admin/members/number`: whose number is it. Asked with a reason, and written down whatever comes of it.
pub(super) async fn by_number(State(app): State<App>, duty: OnDuty, form: Posted) -> Result<Response, AppError> {
    let visitor = &form.visitor;
    let mut sheet = Sheet::new(&duty, visitor);
    sheet.reason = form.field("reason").to_owned();
    let reason = Reason::parse(form.field("reason")).map_err(|error| {
        sheet.errors.add("reason", Text::key(error.message_key()));
    });
    let number = find::number(&app.config, form.field("national_id")).map_err(|error| {
        let text = Text::key(error.message_key());
        let text = match error {
            idp_core::thai::NationalIdError::WrongLength { digits } => text.with("digits", digits),
            _ => text,
        };
        sheet.errors.add("national_id", text);
    });
    let (Ok(reason), Ok(number)) = (reason, number) else { return Ok(sheet.show()) };
    let holder = find::by_number(&app.store, &duty.hand, &number, &reason).await?;
    match holder {
        Some(account) => Ok(visitor.go(&member_href(&app, &duty, &Look::at(account, &reason, visitor.now)))),
        None => {
            sheet.nobody = Some(Text::key("mem-number-nobody"));
            Ok(sheet.show())
        }
    }
}

fn href(app: &App, duty: &OnDuty, spot: &Spot) -> String {
    format!("{}?at={}", paths::MEMBERS, cursor::seal(&app.vault, SEAL, duty.id(), spot, &*app.chance))
}

fn found(app: &App, duty: &OnDuty, visitor: &Visitor, spot: &Spot, page: &MemberPage) -> Found {
    let rows = page
        .members
        .iter()
        .map(|member| MemberRow {
            href: path_of(member.id),
            name: member.profile.full_name(),
            email: masked_email(&member.email),
            membership: membership(member.membership.state(visitor.now)),
            standing: standing_word(member),
            since: words::day(member.registered_at, visitor.lang),
        })
        .collect();
    let next = page.next.clone().map(|place| href(app, duty, &Spot { list: spot.list.clone(), after: Some(place) }));
    Found { rows, next }
}

/// The page as it is being put together.
struct Sheet<'a> {
    duty: &'a OnDuty,
    visitor: &'a Visitor,
    sought: String,
    reason: String,
    list: Option<MemberList>,
    found: Option<Found>,
    nobody: Option<Text>,
    errors: FieldErrors,
}

impl<'a> Sheet<'a> {
    fn new(duty: &'a OnDuty, visitor: &'a Visitor) -> Self {
        Self {
            duty,
            visitor,
            sought: String::new(),
            reason: String::new(),
            list: None,
            found: None,
            nobody: None,
            errors: FieldErrors::none(),
        }
    }

    fn show(self) -> Response {
        let status = if self.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let lists = find::LISTS
            .into_iter()
            .zip(LABELS)
            .map(|((word, list), label)| {
                (format!("{}?list={word}", paths::MEMBERS), Text::key(label), self.list == Some(list))
            })
            .collect();
        let page = MembersPage {
            shell: self.visitor.shell(),
            console: self.duty.console(paths::MEMBERS),
            sought: self.sought,
            reason: self.reason,
            by_number: self.duty.staff.may(Operation::MembersSearchNumber),
            lists,
            found: self.found,
            nobody: self.nobody,
            errors: self.errors,
        };
        self.visitor.dress(page.render_response(status).into_response())
    }
}
