//! `idp member`: the console's deeds for members, by the same functions, written down in an operator's name.

mod find;
mod show;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use idp_core::account::{Account, NewFactors, ShownPart};
use idp_core::audit::Actor;
use idp_core::id::AccountId;
use idp_core::reason::Reason;
use idp_store::{Store, StoredAccount};
use serde_json::json;

use super::{Configured, Failure, print, say};
use crate::clients::Hand;
use crate::members::find::record_look;
use crate::members::view::{membership, standing};
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
    /// Finds members by a name, an e-mail address or an account's id, by a list, or by a service; addresses are shown masked.
    Find(find::Find),
    /// Finds whose 13-digit number it is. The number is read from standard input, never from the command line; that you
    /// asked, and why, is written down whatever comes of it.
    FindNumber {
        /// Why: a case, never an address or a 13-digit number.
        #[arg(long, value_parser = reason)]
        reason: Reason,
    },
    /// Shows a member: membership, badge with its evidence, sessions, sign-ins, services, mails and verifications. That you
    /// looked, and why, is written down and shown to the member.
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
    /// Takes away a picture or words that a member shows and that must not stand. The reason is mailed to the member.
    RemoveShown {
        #[command(flatten)]
        about: About,
        /// What is taken away; repeat it for more.
        #[arg(long = "part", required = true, value_parser = PossibleValuesParser::new(ShownPart::ALL.map(ShownPart::as_str)))]
        parts: Vec<String>,
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
        Command::Find(find) => find.run(desk.store, json, now).await,
        Command::FindNumber { reason } => find::number(desk, &reason, json, now).await,
        Command::Show(about) => {
            let member = named(desk.store, about.id).await?;
            record_look(desk.store, &Hand::operator(now), about.id, about.reason.as_str()).await?;
            show::show(desk, &member.account, json, now).await
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
        Command::RemoveShown { about, parts } => {
            let (by, member) = begin(desk.store, about, now).await?;
            let parts: Vec<ShownPart> = parts.iter().filter_map(|word| ShownPart::parse(word)).collect();
            let done = desk.remove_shown(&by, &member.account, &parts).await?;
            told(json, &member, done, ("shown_removed", "taken away, and told by mail"))
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
