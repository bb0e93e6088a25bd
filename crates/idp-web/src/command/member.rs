//! `idp member`: the console's deeds for members, by the same functions, written down in an operator's name.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use idp_core::account::{Account, NewFactors, Sought};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::AccountId;
use idp_core::reason::Reason;
use idp_store::{MemberList, Store, StoredAccount};
use serde_json::json;

use super::{Configured, Failure, print, say};
use crate::members::view::{MemberView, membership, standing};
use crate::members::{Desk, Doer, Done};
use crate::run;
use crate::time::{Clock as _, SystemChance, SystemClock};

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    configured: Configured,
    /// As JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Finds members by a name, an e-mail address or an account's id; addresses are shown masked.
    Find {
        /// Two letters of a name at least, an address from its beginning to the @, or an id.
        sought: String,
    },
    /// Shows a member. That you looked, and why, is written down and shown to the member.
    Show(About),
    /// Stops an account: its sessions and what services hold end. The reason is mailed to the member.
    Suspend(About),
    /// Takes a suspended or frozen account into use again. Where its owner disputed a deed, the password is void and the
    /// owner sets another one by mail.
    Restore {
        #[command(flatten)]
        about: About,
        /// What becomes of second factors that were set up since a disputed deed. Ask the owner.
        #[arg(long, value_parser = PossibleValuesParser::new(NewFactors::ALL.map(NewFactors::as_str)))]
        new_factors: Option<String>,
    },
    /// Signs a member out on every device.
    EndSessions(About),
    /// Mails the member a link to set another password; nobody else sees it.
    Recover(About),
    /// Mails the member again how the membership stands.
    SendAgain(About),
    /// Gives a temporary membership more days.
    Extend {
        #[command(flatten)]
        about: About,
        /// How many: 30 at once at most, and 90 in all.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=30))]
        days: u32,
    },
}

#[derive(clap::Args)]
struct About {
    /// The account's id.
    #[arg(value_parser = account)]
    id: AccountId,
    /// Why: a case, never an address or a 13-digit number.
    #[arg(long, value_parser = reason)]
    reason: Reason,
}

fn account(text: &str) -> Result<AccountId, String> {
    AccountId::parse(text).ok_or_else(|| "an account's id looks like 6f1c0d52-5f43-4a7e-9a43-0d0f5a3c1b2e".to_owned())
}

fn reason(text: &str) -> Result<Reason, String> {
    Reason::parse(text).map_err(|error| error.to_string())
}

/// Members shown by one search.
const FOUND: u64 = 50;

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let config = arguments.configured.load()?;
    let vault = Arc::new(run::open_vault(&config)?);
    let store = run::open_store(&config, Arc::clone(&vault), Arc::new(SystemChance)).await?;
    store.migrate().await.map_err(run::StartError::from)?;
    let desk = Desk { store: &store, vault: &vault, chance: &SystemChance, config: &config };
    let done = act(desk, arguments.command, arguments.json).await;
    store.close().await;
    done
}

async fn act(desk: Desk<'_>, command: Command, json: bool) -> Result<(), Failure> {
    let now = SystemClock.now();
    match command {
        Command::Find { sought } => find(desk.store, &sought, json, now).await,
        Command::Show(about) => {
            let member = named(desk.store, about.id).await?;
            let seen = AuditEvent::new(now, Actor::Operator, Action::PersonalDataSeen)
                .account(about.id)
                .detail(json!({ "what": "member", "reason": about.reason.as_str() }));
            desk.store.record(&[seen]).await?;
            show(&member, json, now);
            Ok(())
        }
        Command::Suspend(about) => {
            let (by, member) = begin(desk.store, about, now).await?;
            told(json, &member, desk.suspend(&by, &member.account).await?, ("suspended", "suspended, and told by mail"))
        }
        Command::Restore { about, new_factors } => {
            let (by, member) = begin(desk.store, about, now).await?;
            let said = new_factors.as_deref().and_then(NewFactors::parse);
            told(
                json,
                &member,
                desk.restore(&by, &member.account, said).await?,
                ("restored", "in use again, and told by mail"),
            )
        }
        Command::EndSessions(about) => {
            let (by, member) = begin(desk.store, about, now).await?;
            let done = desk.end_sessions(&by, &member.account).await?;
            told(json, &member, done, ("sessions_ended", "signed out everywhere, and told by mail"))
        }
        Command::Recover(about) => {
            let (by, member) = begin(desk.store, about, now).await?;
            let done = desk.start_recovery(&by, &member.account).await?;
            told(json, &member, done, ("recovery_begun", "the link is on its way to the member's mailbox"))
        }
        Command::SendAgain(about) => {
            let (by, member) = begin(desk.store, about, now).await?;
            told(json, &member, desk.send_again(&by, &member.account).await?, ("sent_again", "the mail is on its way"))
        }
        Command::Extend { about, days } => {
            let (by, member) = begin(desk.store, about, now).await?;
            told(
                json,
                &member,
                desk.extend(&by, &member.account, days).await?,
                ("extended", "extended, and told by mail"),
            )
        }
    }
}

async fn named(store: &Store, id: AccountId) -> Result<Arc<StoredAccount>, Failure> {
    store
        .account(id)
        .await?
        .ok_or_else(|| Failure::missing(format!("there is no member {id}; `idp member find` finds them")))
}

async fn begin(store: &Store, about: About, now: DateTime<Utc>) -> Result<(Doer, Arc<StoredAccount>), Failure> {
    let member = named(store, about.id).await?;
    Ok((Doer { actor: Actor::Operator, session: None, origin: None, reason: about.reason, now }, member))
}

fn told(json: bool, member: &StoredAccount, done: Done, (word, what): (&str, &str)) -> Result<(), Failure> {
    match done {
        Done::Yes if json => {
            print(&json!({ "id": member.account.id, "done": word }));
            Ok(())
        }
        Done::Yes => {
            say(format!("{what}; running nodes know it in five seconds"));
            Ok(())
        }
        Done::NotAsItStands => {
            Err(Failure::refused("nothing changed: the account does not stand so, or it is beyond the limits".to_owned()))
        }
        Done::Nothing => Err(Failure::refused("nothing changed: say what is to be done".to_owned())),
        Done::Refused(why) => Err(Failure::refused(format!("nothing changed: {why}"))),
        Done::WhoseFactors => Err(Failure::refused(
            "nothing changed: second factors were set up since the deed that the owner disputes; ask the owner, then add \
             --new-factors keep or --new-factors remove"
                .to_owned(),
        )),
    }
}

async fn find(store: &Store, sought: &str, json: bool, now: DateTime<Utc>) -> Result<(), Failure> {
    let sought = Sought::parse(sought).map_err(|error| Failure::usage(error.to_string()))?;
    let (members, more) = match &sought {
        Sought::Account(id) => (store.account(*id).await?.into_iter().collect(), false),
        Sought::Word(prefix) => {
            let page = store.members(&MemberList::Called(prefix.clone()), None, FOUND, now).await?;
            (page.members, page.next.is_some())
        }
    };
    let searched = AuditEvent::new(now, Actor::Operator, Action::MembersSearched)
        .detail(json!({ "by": sought.what(), "found": members.len() }));
    let seen = members.iter().map(|member| {
        let event = AuditEvent::new(now, Actor::Operator, Action::PersonalDataSeen).account(member.account.id);
        event.detail(json!({ "what": "listed" }))
    });
    let events: Vec<AuditEvent> = std::iter::once(searched).chain(seen).collect();
    store.record(&events).await?;
    if json {
        let members: Vec<MemberView> = members.iter().map(|member| MemberView::of(&member.account, now)).collect();
        print(&json!({ "members": members, "more": more }));
        return Ok(());
    }
    for member in &members {
        say(line(&member.account, now));
    }
    if members.is_empty() {
        say("nobody; check the spelling, or search by the address");
    }
    if more {
        say(format!("more than {FOUND}: type more of the name"));
    }
    Ok(())
}

fn show(member: &StoredAccount, json: bool, now: DateTime<Utc>) {
    match json {
        true => print(&MemberView::of(&member.account, now)),
        false => say(line(&member.account, now)),
    }
}

fn line(account: &Account, now: DateTime<Utc>) -> String {
    format!(
        "{}  {:10} {:10} {}  {}",
        account.id,
        membership(account, now),
        standing(account),
        crate::admin::masked_email(&account.email),
        account.profile.full_name()
    )
}
