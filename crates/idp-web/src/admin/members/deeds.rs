//! What is done for a member from their page: each with a reason of its own, by somebody who opened the page with one.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use idp_core::account::{NewFactors, ShownPart};
use idp_core::admin::Approval;
use idp_core::reason::Reason;
use idp_store::StoredAccount;

use super::super::gate::refused;
use super::super::{OnDuty, approvals};
use super::look::Look;
use super::page::{Message, show, waiting};
use super::{look, looks_after, named};
use crate::error::AppError;
use crate::extract::Posted;
use crate::members::{Desk, Doer, Done};
use crate::state::App;
use crate::view::field::FieldErrors;
use crate::view::text::Text;

/// POST `/admin/members/{account}/suspend`.
pub(super) async fn suspend(state: State<App>, duty: OnDuty, path: Path<String>, form: Posted) -> Answer {
    let deed = Deed::of("suspend", state, duty, path, form).await?;
    match deed.doer().await {
        Ok(by) => deed.answer(deed.desk().suspend(&by, &deed.member.account).await?).await,
        Err(answer) => *answer,
    }
}

/// POST `/admin/members/{account}/restore`.
pub(super) async fn restore(state: State<App>, duty: OnDuty, path: Path<String>, form: Posted) -> Answer {
    let deed = Deed::of("restore", state, duty, path, form).await?;
    let said = NewFactors::parse(deed.form.field("new_factors"));
    match deed.doer().await {
        Ok(by) => deed.answer(deed.desk().restore(&by, &deed.member.account, said).await?).await,
        Err(answer) => *answer,
    }
}

/// POST `/admin/members/{account}/sessions`.
pub(super) async fn end_sessions(state: State<App>, duty: OnDuty, path: Path<String>, form: Posted) -> Answer {
    let deed = Deed::of("sessions", state, duty, path, form).await?;
    match deed.doer().await {
        Ok(by) => deed.answer(deed.desk().end_sessions(&by, &deed.member.account).await?).await,
        Err(answer) => *answer,
    }
}

/// POST `/admin/members/{account}/recovery`.
pub(super) async fn start_recovery(state: State<App>, duty: OnDuty, path: Path<String>, form: Posted) -> Answer {
    let deed = Deed::of("recovery", state, duty, path, form).await?;
    match deed.doer().await {
        Ok(by) => deed.answer(deed.desk().start_recovery(&by, &deed.member.account).await?).await,
        Err(answer) => *answer,
    }
}

/// POST `/admin/members/{account}/mail`.
pub(super) async fn send_again(state: State<App>, duty: OnDuty, path: Path<String>, form: Posted) -> Answer {
    let deed = Deed::of("mail", state, duty, path, form).await?;
    match deed.doer().await {
        Ok(by) => deed.answer(deed.desk().send_again(&by, &deed.member.account).await?).await,
        Err(answer) => *answer,
    }
}

/// POST `/admin/members/{account}/extend`.
pub(super) async fn extend(state: State<App>, duty: OnDuty, path: Path<String>, form: Posted) -> Answer {
    let days = form.field("days").parse().unwrap_or(0);
    let deed = Deed::of("extend", state, duty, path, form).await?;
    match deed.doer().await {
        Ok(by) => deed.answer(deed.desk().extend(&by, &deed.member.account, days).await?).await,
        Err(answer) => *answer,
    }
}

/// POST `/admin/members/{account}/remove-shown`: a picture or words that must not stand.
pub(super) async fn remove_shown(state: State<App>, duty: OnDuty, path: Path<String>, form: Posted) -> Answer {
    let ticked = |part: &ShownPart| form.is_ticked(&format!("shown_{}", part.as_str()));
    let parts: Vec<ShownPart> = ShownPart::ALL.into_iter().filter(ticked).collect();
    let deed = Deed::of("remove-shown", state, duty, path, form).await?;
    match deed.doer().await {
        Ok(by) => deed.answer(deed.desk().remove_shown(&by, &deed.member.account, &parts).await?).await,
        Err(answer) => *answer,
    }
}

/// POST `/admin/members/{account}/badge`: asks for a second person. Nothing is withdrawn yet.
pub(super) async fn ask_withdrawal(state: State<App>, duty: OnDuty, path: Path<String>, form: Posted) -> Answer {
    let deed = Deed::of("badge", state, duty, path, form).await?;
    match deed.doer().await {
        Ok(by) => deed.answer(deed.desk().ask_withdrawal(&by, deed.duty.id(), &deed.member.account).await?).await,
        Err(answer) => *answer,
    }
}

/// POST `/admin/members/{account}/badge-approve`: the second person's yes. The badge goes.
pub(super) async fn approve_withdrawal(state: State<App>, duty: OnDuty, path: Path<String>, form: Posted) -> Answer {
    let deed = Deed::of("badge-approve", state, duty, path, form).await?;
    let by = match deed.doer().await {
        Ok(by) => by,
        Err(answer) => return *answer,
    };
    let Some(approval) = deed.asked_for().await? else { return deed.answer(Done::NotAsItStands).await };
    let account = &deed.member.account;
    deed.answer(deed.desk().withdraw(&by, deed.duty.id(), &approval, account).await?).await
}

/// POST `/admin/members/{account}/badge-decline`: the second person's no. Nothing changes.
pub(super) async fn decline_withdrawal(state: State<App>, duty: OnDuty, path: Path<String>, form: Posted) -> Answer {
    let deed = Deed::of("badge-decline", state, duty, path, form).await?;
    let by = match deed.doer().await {
        Ok(by) => by,
        Err(answer) => return *answer,
    };
    let Some(approval) = deed.asked_for().await? else { return deed.answer(Done::NotAsItStands).await };
    let account = &deed.member.account;
    deed.answer(deed.desk().keep_badge(&by, deed.duty.id(), &approval, account).await?).await
}

type Answer = Result<Response, AppError>;

/// Every field that the forms of the page have.
const FIELDS: [&str; 6] = ["csrf", "why", "reason", "days", "new_factors", "approval"];

/// A deed about to be done: by whom, for whom.
struct Deed {
    word: &'static str,
    app: App,
    duty: OnDuty,
    form: Posted,
    member: Arc<StoredAccount>,
}

impl Deed {
    async fn of(
        word: &'static str,
        State(app): State<App>,
        duty: OnDuty,
        Path(account): Path<String>,
        form: Posted,
    ) -> Result<Self, AppError> {
        // S086: what a form may not say is refused, and not passed over.
        if form.names().any(|name| !FIELDS.contains(&name) && !name.starts_with("shown_")) {
            return Err(AppError::bad_request("a field that cannot be written here"));
        }
        let member = named(&app, &account).await?;
        if !looks_after(&app, &duty, member.account.id).await? {
            return Err(refused());
        }
        Ok(Self { word, app, duty, form, member })
    }

    fn desk(&self) -> Desk<'_> {
        Desk::of(&self.app)
    }

    fn look(&self) -> Option<Look> {
        let (id, why) = (self.member.account.id, self.form.field("why"));
        Look::open(&self.app, &self.duty, id, why, self.form.visitor.now)
    }

    /// The request for this member's badge that the form is about.
    async fn asked_for(&self) -> Result<Option<Approval>, AppError> {
        let (id, now) = (self.member.account.id, self.form.visitor.now);
        Ok(waiting(&self.app, id, now).await?.filter(|asked| asked.id.to_string() == self.form.field("approval")))
    }

    /// Who does it and why; or the page that asks for what is missing.
    async fn doer(&self) -> Result<Doer, Box<Answer>> {
        let visitor = &self.form.visitor;
        let Some(look) = self.look() else {
            let page = look::ask(&self.duty, visitor, self.member.account.id, "", FieldErrors::none());
            return Err(Box::new(Ok(page)));
        };
        let typed = self.form.field("reason");
        match Reason::parse(typed) {
            Ok(reason) => Ok(Doer::of(&self.duty.hand, reason)),
            Err(error) => {
                let mut errors = FieldErrors::none();
                errors.add("reason", Text::key(error.message_key()));
                let message =
                    Message { faulty: Some(self.word), typed: typed.to_owned(), errors, ..Message::default() };
                Err(Box::new(show(&self.app, &self.duty, visitor, &self.member, &look, message).await))
            }
        }
    }

    /// Back to the member's page, which says what was done; or why it was not.
    async fn answer(&self, done: Done) -> Answer {
        let visitor = &self.form.visitor;
        // The look was there a moment ago; it may have run out in between.
        let Some(look) = self.look() else { return Ok(visitor.go(&look::path_of(self.member.account.id))) };
        match done {
            Done::Yes => {
                self.app.mail_queued.notify_one();
                let href = format!("{}&done={}", look::member_href(&self.app, &self.duty, &look), self.word);
                Ok(visitor.go(&href))
            }
            Done::NotAsItStands | Done::Refused(_) => {
                let why = match done {
                    Done::Refused(why) => approvals::refusal_words(why),
                    _ => "mem-not-done",
                };
                // As it is by now, not as it was when the page was shown.
                let member = named(&self.app, &self.member.account.id.to_string()).await?;
                let message = Message { not_done: Some(Text::key(why)), ..Message::default() };
                show(&self.app, &self.duty, visitor, &member, &look, message).await
            }
            Done::WhoseFactors => self.missing(&look, "new_factors", "mem-new-factors-say").await,
            Done::Nothing => self.missing(&look, "shown", "mem-shown-say").await,
        }
    }

    /// The page again, at the field that says what is to be done.
    async fn missing(&self, look: &Look, field: &'static str, key: &'static str) -> Answer {
        let mut errors = FieldErrors::none();
        errors.add(field, Text::key(key));
        let typed = self.form.field("reason").to_owned();
        let message = Message { faulty: Some(self.word), typed, errors, ..Message::default() };
        show(&self.app, &self.duty, &self.form.visitor, &self.member, look, message).await
    }
}
