//! Members: found, looked at with a reason, helped. Nothing personal stands in a URL.

use axum::Json;
use axum::extract::State;
use idp_core::account::{NewFactors, ShownPart, Sought};
use idp_core::admin::Operation;
use idp_core::id::ClientId;
use idp_core::reason::Reason;
use idp_store::{MemberList, MemberPlace, StoredAccount};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

use super::document::Doc;
use super::extract::{Named, Sent};
use super::page;
use super::problem::{Kind, Problem};
use super::routes::{Api, Method};
use crate::admin::{OnDuty, looks_after, named_member};
use crate::members::detail::MemberDetail;
use crate::members::find::{LISTS, by_number, number, record, record_look};
use crate::members::view::MemberView;
use crate::members::{Desk, Doer, Done};
use crate::state::App;

const SEARCH: &str = "/api/v1/members/search";
const NUMBER: &str = "/api/v1/members/search-number";
const LOOK: &str = "/api/v1/members/{account}/look";
const SUSPEND: &str = "/api/v1/members/{account}/suspend";
const RESTORE: &str = "/api/v1/members/{account}/restore";
const SESSIONS: &str = "/api/v1/members/{account}/end-sessions";
const RECOVERY: &str = "/api/v1/members/{account}/start-recovery";
const MAIL: &str = "/api/v1/members/{account}/send-again";
const EXTEND: &str = "/api/v1/members/{account}/extend";
const SHOWN: &str = "/api/v1/members/{account}/remove-shown";

/// The routes of members.
pub(super) fn routes(api: Api) -> Api {
    let doc = |id, summary| Doc::new("members", id, summary);
    let deed = |id, summary| doc(id, summary).takes::<Because>().gives::<MemberView>().or(&[Kind::NotAsItStands]);
    api.route(
        (Method::Post, SEARCH),
        Operation::MembersSearch,
        doc("searchMembers", "Finds members by words, by list, or by a service they use")
            .takes::<Search>()
            .gives::<MembersFound>(),
        search,
    )
    .route(
        (Method::Post, NUMBER),
        Operation::MembersSearchNumber,
        doc("searchNumber", "Whose 13-digit number is it: with a reason, written down whatever comes of it")
            .takes::<NumberSearch>()
            .gives::<NumberFound>(),
        search_number,
    )
    .route(
        (Method::Post, LOOK),
        Operation::MemberRead,
        doc("lookAtMember", "Shows a member, masked: with a reason, written down and shown to the member")
            .takes::<Because>()
            .gives::<MemberDetail>(),
        look,
    )
    .route(
        (Method::Post, SUSPEND),
        Operation::MemberStanding,
        deed("suspendMember", "Stops an account; sessions and what services hold end; the reason is mailed"),
        suspend,
    )
    .route(
        (Method::Post, RESTORE),
        Operation::MemberStanding,
        doc(
            "restoreMember",
            "Takes a suspended or frozen account into use again; after a dispute its password is void",
        )
        .takes::<Restoration>()
        .gives::<MemberView>()
        .or(&[Kind::NotAsItStands]),
        restore,
    )
    .route(
        (Method::Post, SESSIONS),
        Operation::MemberSessionsEnd,
        deed("endSessions", "Signs a member out on every device"),
        end_sessions,
    )
    .route(
        (Method::Post, RECOVERY),
        Operation::MemberMail,
        deed("startRecovery", "Mails the member a link to set another password; nobody else sees it"),
        start_recovery,
    )
    .route(
        (Method::Post, MAIL),
        Operation::MemberMail,
        deed("sendAgain", "Mails the member again how the membership stands"),
        send_again,
    )
    .route(
        (Method::Post, EXTEND),
        Operation::MembershipExtend,
        doc("extendMembership", "Gives a temporary membership more days")
            .takes::<Extension>()
            .gives::<MemberView>()
            .or(&[Kind::NotAsItStands]),
        extend,
    )
    .route(
        (Method::Post, SHOWN),
        Operation::MemberShown,
        doc(
            "removeShown",
            "Takes away a picture or words that a member shows and that must not stand; the reason is mailed",
        )
        .takes::<Removal>()
        .gives::<MemberView>()
        .or(&[Kind::NotAsItStands]),
        remove_shown,
    )
}

/// What is looked for: exactly one of `words`, `list` and `client`, or the cursor of the page before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Search {
    /// A name, an address from its beginning, or an account's id.
    #[schema(max_length = 200)]
    words: Option<String>,
    /// `all`, `temporary`, `ended`, `permanent`, `suspended`, `frozen`, `restricted` or `deleting`.
    list: Option<String>,
    /// Members who use the service with this client_id.
    client: Option<String>,
    /// On one page: 1 to 100; 25 unless given.
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next` of the page before: it holds what was looked for.
    cursor: Option<String>,
}

/// A page of members.
#[derive(Debug, Serialize, ToSchema)]
struct MembersFound {
    /// The members, masked. A page can be shorter than its limit and have a next one.
    items: Vec<MemberView>,
    /// The cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A number, and why it is looked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NumberSearch {
    /// The 13 digits.
    #[schema(max_length = 40)]
    national_id: String,
    /// Why: a case, never an address or a 13-digit number.
    #[schema(min_length = 5, max_length = 300)]
    reason: String,
}

/// Whose it is.
#[derive(Debug, Serialize, ToSchema)]
struct NumberFound {
    /// The member, masked; nobody when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<MemberView>,
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Because {
    /// A case, never an address or a 13-digit number.
    #[schema(min_length = 5, max_length = 300)]
    reason: String,
}

/// Why, and what becomes of second factors that may be a stranger's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Restoration {
    /// A case, never an address or a 13-digit number.
    #[schema(min_length = 5, max_length = 300)]
    reason: String,
    /// `keep` or `remove` those that were set up since the deed that the owner disputes. Left out where there are some, the
    /// request is refused: somebody has to have asked the owner.
    new_factors: Option<NewFactorsWord>,
}

/// What becomes of second factors.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NewFactorsWord {
    /// They are the owner's.
    Keep,
    /// They are not.
    Remove,
}

impl From<NewFactorsWord> for NewFactors {
    fn from(word: NewFactorsWord) -> Self {
        match word {
            NewFactorsWord::Keep => Self::Keep,
            NewFactorsWord::Remove => Self::Remove,
        }
    }
}

/// How many days more, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Extension {
    /// A case, never an address or a 13-digit number.
    #[schema(min_length = 5, max_length = 300)]
    reason: String,
    /// 1 to 30 at once, and 90 in all.
    #[schema(minimum = 1, maximum = 30)]
    days: u32,
}

/// What is taken away, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Removal {
    /// A case, never an address or a 13-digit number. The member reads it.
    #[schema(min_length = 5, max_length = 300)]
    reason: String,
    /// One or more of `picture`, `nickname`, `preferred_username`, `profile` and `website`.
    #[schema(min_items = 1)]
    parts: Vec<String>,
}

/// Where a search goes on.
#[derive(Serialize, Deserialize)]
struct Spot {
    list: MemberList,
    after: Option<MemberPlace>,
}

async fn search(
    State(app): State<App>,
    duty: OnDuty,
    Sent { body, .. }: Sent<Search>,
) -> Result<Json<MembersFound>, Problem> {
    let limit = page::limit(body.limit)?;
    let now = duty.hand.now;
    let refused = |setting: &str, why: String| Problem::new(Kind::Unprocessable).errors([(setting.to_owned(), why)]);
    let spot = match (body.words, body.list, body.client, body.cursor) {
        (None, None, None, Some(cursor)) => {
            let spot: Option<Spot> = page::begin(&app, &duty, "members", Some(&cursor))?;
            spot.ok_or_else(|| Problem::bad("the cursor is not one of this list"))?
        }
        (Some(words), None, None, None) => {
            match Sought::parse(&words).map_err(|error| refused("words", error.to_string()))? {
                Sought::Account(id) => {
                    let members = app.store.account(id).await?.into_iter().collect();
                    let found = idp_store::MemberPage { members, next: None };
                    record(&app.store, &duty.hand, &MemberList::All, &found).await?;
                    let items = found.members.iter().map(|member| MemberView::of(&member.account, now)).collect();
                    return Ok(Json(MembersFound { items, next: None }));
                }
                Sought::Word(prefix) => Spot { list: MemberList::Called(prefix), after: None },
            }
        }
        (None, Some(word), None, None) => {
            let list = LISTS.into_iter().find(|(known, _)| *known == word);
            let known = || LISTS.map(|(known, _)| known).join(", ");
            Spot { list: list.ok_or_else(|| refused("list", format!("one of {}", known())))?.1, after: None }
        }
        (None, None, Some(client), None) => {
            let client = ClientId::parse(&client).ok_or_else(|| refused("client", "no client_id".to_owned()))?;
            Spot { list: MemberList::Of(client), after: None }
        }
        _ => return Err(refused("words", "give one of words, list, client and cursor".to_owned())),
    };
    let found = app.store.members(&spot.list, spot.after.as_ref(), limit.into(), now).await?;
    record(&app.store, &duty.hand, &spot.list, &found).await?;
    let items = found.members.iter().map(|member| MemberView::of(&member.account, now)).collect();
    let next =
        found.next.map(|place| page::next(&app, &duty, "members", &Spot { list: spot.list, after: Some(place) }));
    Ok(Json(MembersFound { items, next }))
}

async fn search_number(
    State(app): State<App>,
    duty: OnDuty,
    Sent { body, .. }: Sent<NumberSearch>,
) -> Result<Json<NumberFound>, Problem> {
    let reason = Reason::parse(&body.reason)?;
    let number = number(&app.config, &body.national_id)
        .map_err(|error| Problem::new(Kind::Unprocessable).errors([("national_id".to_owned(), error.to_string())]))?;
    let Some(holder) = by_number(&app.store, &duty.hand, &number, &reason).await? else {
        return Ok(Json(NumberFound { member: None }));
    };
    let member = app.store.account(holder).await?;
    Ok(Json(NumberFound { member: member.map(|member| MemberView::of(&member.account, duty.hand.now)) }))
}

async fn look(
    State(app): State<App>,
    duty: OnDuty,
    Named(id): Named,
    Sent { body, .. }: Sent<Because>,
) -> Result<Json<MemberDetail>, Problem> {
    let reason = Reason::parse(&body.reason)?;
    let member = named_member(&app, &id).await?;
    let now = duty.hand.now;
    record_look(&app.store, &duty.hand, member.account.id, reason.as_str()).await?;
    let shows_reviews = duty.staff.may(Operation::CasesRead);
    Ok(Json(MemberDetail::read(&app.store, &member.account, app.session_limits(), shows_reviews, now).await?))
}

async fn suspend(State(app): State<App>, duty: OnDuty, named: Named, sent: Sent<Because>) -> Answer {
    let deed = Deed::of(&app, duty, named, &sent.body.reason).await?;
    deed.answer(deed.desk().suspend(&deed.by, &deed.member.account).await?).await
}

async fn restore(State(app): State<App>, duty: OnDuty, named: Named, sent: Sent<Restoration>) -> Answer {
    let deed = Deed::of(&app, duty, named, &sent.body.reason).await?;
    deed.answer(deed.desk().restore(&deed.by, &deed.member.account, sent.body.new_factors.map(NewFactors::from)).await?)
        .await
}

async fn end_sessions(State(app): State<App>, duty: OnDuty, named: Named, sent: Sent<Because>) -> Answer {
    let deed = Deed::of(&app, duty, named, &sent.body.reason).await?;
    deed.answer(deed.desk().end_sessions(&deed.by, &deed.member.account).await?).await
}

async fn start_recovery(State(app): State<App>, duty: OnDuty, named: Named, sent: Sent<Because>) -> Answer {
    let deed = Deed::of(&app, duty, named, &sent.body.reason).await?;
    deed.answer(deed.desk().start_recovery(&deed.by, &deed.member.account).await?).await
}

async fn send_again(State(app): State<App>, duty: OnDuty, named: Named, sent: Sent<Because>) -> Answer {
    let deed = Deed::of(&app, duty, named, &sent.body.reason).await?;
    deed.answer(deed.desk().send_again(&deed.by, &deed.member.account).await?).await
}

async fn extend(State(app): State<App>, duty: OnDuty, named: Named, sent: Sent<Extension>) -> Answer {
    let deed = Deed::of(&app, duty, named, &sent.body.reason).await?;
    deed.answer(deed.desk().extend(&deed.by, &deed.member.account, sent.body.days).await?).await
}

async fn remove_shown(State(app): State<App>, duty: OnDuty, named: Named, sent: Sent<Removal>) -> Answer {
    let parts: Option<Vec<ShownPart>> = sent.body.parts.iter().map(|word| ShownPart::parse(word)).collect();
    let parts = parts.ok_or_else(|| {
        let known = ShownPart::ALL.map(ShownPart::as_str).join(", ");
        Problem::new(Kind::Unprocessable).errors([("parts".to_owned(), format!("some of {known}"))])
    })?;
    let deed = Deed::of(&app, duty, named, &sent.body.reason).await?;
    deed.answer(deed.desk().remove_shown(&deed.by, &deed.member.account, &parts).await?).await
}

type Answer = Result<Json<MemberView>, Problem>;

/// A deed about to be done: by whom, for whom.
struct Deed {
    app: App,
    duty: OnDuty,
    by: Doer,
    member: Arc<StoredAccount>,
}

impl Deed {
    async fn of(app: &App, duty: OnDuty, Named(id): Named, reason: &str) -> Result<Self, Problem> {
        let by = Doer::of(&duty.hand, Reason::parse(reason)?);
        let member = named_member(app, &id).await?;
        if !looks_after(app, &duty, member.account.id).await? {
            return Err(Problem::new(Kind::NotPermitted));
        }
        // What is answered shows the member, whatever comes of the deed.
        record_look(&app.store, &duty.hand, member.account.id, by.reason.as_str()).await?;
        Ok(Self { app: app.clone(), duty, by, member })
    }

    fn desk(&self) -> Desk<'_> {
        Desk::of(&self.app)
    }

    /// The member as they are now; or that it was not done.
    async fn answer(&self, done: Done) -> Answer {
        match done {
            Done::Yes => {}
            Done::NotAsItStands => return Err(Problem::new(Kind::NotAsItStands)),
            Done::Nothing => {
                let told = ("parts".to_owned(), "say what is taken away".to_owned());
                return Err(Problem::new(Kind::Unprocessable).errors([told]));
            }
            Done::Refused(why) => return Err(why.into()),
            Done::WhoseFactors => {
                let detail =
                    "second factors were set up since the disputed deed: ask the owner, then say keep or remove";
                return Err(Problem::new(Kind::Unprocessable).errors([("new_factors".to_owned(), detail.to_owned())]));
            }
        }
        self.app.mail_queued.notify_one();
        let member = named_member(&self.app, &self.member.account.id.to_string()).await?;
        Ok(Json(MemberView::of(&member.account, self.duty.hand.now)))
    }
}
