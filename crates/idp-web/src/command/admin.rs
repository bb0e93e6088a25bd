//! `idp admin`: who is staff. The first super admin is made here.

use clap::{Subcommand, ValueEnum};
use idp_core::admin::{Department, Role, StaffRole};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::email::EmailAddress;
use idp_core::id::AccountId;
use idp_store::{Given, Store, StoredAccount};
use serde_json::{Value, json};

use super::{Configured, Failure, say};
use crate::admin::first_link;
use crate::config::Config;
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

const EXAMPLE: &str = "\
Examples:
  idp admin create                                  prints a link, good once and for 24 hours
  idp admin create --email somchai@moc.example      makes the owner of this account a super admin at once
  idp admin grant --email suda@moc.example --role client-admin --department ditp";

#[derive(Subcommand)]
#[command(after_help = EXAMPLE)]
enum Command {
    /// Makes a super admin: of an account that there is, or by a link for whoever opens it.
    Create {
        /// The address of their account; without it a link is printed.
        #[arg(long)]
        email: Option<String>,
    },
    /// Gives an account a role.
    Grant {
        /// The address of their account.
        #[arg(long)]
        email: String,
        /// The role.
        #[arg(long, value_enum)]
        role: Word,
        /// The department of a client-admin, such as ditp.
        #[arg(long)]
        department: Option<String>,
    },
    /// Ends a role, at once.
    Revoke {
        /// The address of their account.
        #[arg(long)]
        email: String,
        /// The role.
        #[arg(long, value_enum)]
        role: Word,
        /// The department of a client-admin.
        #[arg(long)]
        department: Option<String>,
    },
    /// Lists who has which role.
    List {
        /// Also roles that are over.
        #[arg(long)]
        all: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Word {
    /// Everything, and the only one who gives roles.
    SuperAdmin,
    /// Client applications of a department.
    ClientAdmin,
    /// Helps members who call.
    SupportOfficer,
    /// Decides verifications that need a person.
    VerificationOfficer,
    /// Sees who did what, and changes nothing.
    Auditor,
}

impl From<Word> for Role {
    fn from(word: Word) -> Self {
        match word {
            Word::SuperAdmin => Self::SuperAdmin,
            Word::ClientAdmin => Self::ClientAdmin,
            Word::SupportOfficer => Self::SupportOfficer,
            Word::VerificationOfficer => Self::VerificationOfficer,
            Word::Auditor => Self::Auditor,
        }
    }
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let config = arguments.configured.load()?;
    let store = arguments.configured.open_store().await?;
    let done = act(&store, &config, arguments.command, arguments.json).await;
    store.close().await;
    done
}

async fn act(store: &Store, config: &Config, command: Command, json: bool) -> Result<(), Failure> {
    match command {
        Command::Create { email: Some(email) } => give(store, &email, Role::SuperAdmin, None, json).await,
        Command::Create { email: None } => {
            let link = first_link(store, &config.server.issuer, SystemClock.now(), &SystemChance).await?;
            if json {
                return print(&json!({ "link": link, "role": Role::SuperAdmin.as_str(), "hours": 24 }));
            }
            say(format!(
                "{link}\n\nWhoever opens it, signed in with an account of their own, is a super admin. It is shown this \
                 once, works once, and is good for 24 hours."
            ));
            Ok(())
        }
        Command::Grant { email, role, department } => {
            give(store, &email, role.into(), parse_department(department.as_deref())?, json).await
        }
        Command::Revoke { email, role, department } => {
            let department = parse_department(department.as_deref())?;
            let account = find(store, &email).await?.account.id;
            let role = Role::from(role);
            let rows = store.staff_roles_of(account).await?;
            let row = rows.into_iter().find(|row| row.role == role && row.department == department);
            let row = row.ok_or_else(|| {
                Failure(format!("{email} does not have this role; `idp admin list` shows who has which"))
            })?;
            let now = SystemClock.now();
            let event =
                AuditEvent::new(now, Actor::Operator, Action::StaffRoleEnded).account(account).detail(told(&row));
            match store.end_role(row.id, None, now, &[event]).await? {
                true => {
                    if json {
                        return print(&shape(&StaffRole { ended_at: Some(now), ..row }, Some(&email)));
                    }
                    say("the role is over");
                    Ok(())
                }
                false => Err(Failure(
                    "nothing changed: the last super admin stays; give the role to somebody else first".to_owned(),
                )),
            }
        }
        Command::List { all } => {
            let rows = store.staff_roles().await?;
            let mut shapes = Vec::new();
            for row in rows.into_iter().filter(|row| all || row.ended_at.is_none()) {
                let account = store.account(row.account_id).await?;
                let email = account.map(|stored| stored.account.email.as_str().to_owned());
                if json {
                    shapes.push(shape(&row, email.as_deref()));
                    continue;
                }
                let department = row.department.as_ref().map_or("", Department::as_str);
                let state = row.ended_at.map_or_else(String::new, |at| format!(", until {}", at.to_rfc3339()));
                let who = email.as_deref().unwrap_or("(erased)");
                say(format!("{:21} {department:10} {who}  since {}{state}", row.role.as_str(), row.since.to_rfc3339()));
            }
            if json { print(&Value::Array(shapes)) } else { Ok(()) }
        }
    }
}

async fn give(
    store: &Store,
    email: &str,
    role: Role,
    department: Option<Department>,
    json: bool,
) -> Result<(), Failure> {
    StaffRole::judge(role, department.as_ref()).map_err(|error| Failure(format!("--department: {error}")))?;
    let account = find(store, email).await?.account.id;
    let now = SystemClock.now();
    let row = StaffRole {
        id: AccountId::make(&SystemChance).0,
        account_id: account,
        role,
        department,
        given_by: None,
        since: now,
        ended_at: None,
    };
    let event = AuditEvent::new(now, Actor::Operator, Action::StaffRoleGiven).account(account).detail(told(&row));
    if store.give_role(&row, &[event]).await? == Given::HadIt {
        return Err(Failure(format!("{email} has this role already")));
    }
    if json {
        return print(&shape(&row, Some(email)));
    }
    say(format!(
        "{email} is {} now. The console asks for a second factor: an authenticator app or a passkey, set up in the account.",
        role.as_str()
    ));
    Ok(())
}

async fn find(store: &Store, email: &str) -> Result<StoredAccount, Failure> {
    let address = EmailAddress::parse(email).map_err(|_| Failure(format!("--email: {email} is no address")))?;
    let found = store.account_by_email(address.key()).await?;
    let missing = || Failure(format!("there is no account {email}: its owner registers first, as every member does"));
    found.map(|found| (*found).clone()).ok_or_else(missing)
}

fn parse_department(text: Option<&str>) -> Result<Option<Department>, Failure> {
    text.map(|text| Department::parse(text).map_err(|error| Failure(format!("--department: {error}")))).transpose()
}

fn told(row: &StaffRole) -> Value {
    json!({ "role": row.role.as_str(), "department": row.department })
}

fn shape(row: &StaffRole, email: Option<&str>) -> Value {
    json!({
        "id": row.id,
        "account": row.account_id,
        "email": email,
        "role": row.role.as_str(),
        "department": row.department,
        "given_by": row.given_by,
        "since": row.since,
        "ended_at": row.ended_at,
    })
}

fn print(value: &Value) -> Result<(), Failure> {
    say(serde_json::to_string_pretty(value)?);
    Ok(())
}
