//! `idp admin`: who is staff. The first super admin is made here.

use clap::{Subcommand, ValueEnum};
use idp_core::admin::{Department, Role, StaffRole, program_id};
use idp_core::email::EmailAddress;
use idp_core::id::ClientId;
use idp_store::{Store, StoredAccount};
use serde_json::{Value, json};

use super::{Configured, Failure, print, say};
use crate::admin::first_link;
use crate::clients::Hand;
use crate::config::Config;
use crate::roles::{self, Holder, RoleRefused};
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
    /// Makes a super admin: of an account that there is, or by a link for whoever opens it.
    Create {
        /// The address of their account; without it a link is printed.
        #[arg(long)]
        email: Option<String>,
    },
    /// Gives an account a role, or a program that calls the API.
    Grant {
        /// The address of their account.
        #[arg(long, required_unless_present = "client", conflicts_with = "client")]
        email: Option<String>,
        /// The client_id of a program: registered with --client-credentials and --may-call for the API.
        #[arg(long)]
        client: Option<String>,
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
        #[arg(long, required_unless_present = "client", conflicts_with = "client")]
        email: Option<String>,
        /// The client_id of a program.
        #[arg(long)]
        client: Option<String>,
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
        Command::Create { email: Some(email) } => {
            give(store, &Named::of(Some(email), None)?, Role::SuperAdmin, None, json).await
        }
        Command::Create { email: None } => {
            let link = first_link(store, &config.server.issuer, SystemClock.now(), &SystemChance).await?;
            if json {
                print(&json!({ "link": link, "role": Role::SuperAdmin.as_str(), "hours": 24 }));
                return Ok(());
            }
            say(format!(
                "{link}\n\nWhoever opens it, signed in with an account of their own, is a super admin. It is shown this \
                 once, works once, and is good for 24 hours."
            ));
            Ok(())
        }
        Command::Grant { email, client, role, department } => {
            let department = parse_department(department.as_deref())?;
            give(store, &Named::of(email, client)?, role.into(), department, json).await
        }
        Command::Revoke { email, client, role, department } => {
            let department = parse_department(department.as_deref())?;
            let named = Named::of(email, client)?;
            let account = match named.holder(store).await? {
                Holder::Account(account) => account,
                Holder::Program(client) => program_id(&client),
            };
            let email = named.to_string();
            let role = Role::from(role);
            let rows = store.staff_roles_of(account).await?;
            let row = rows.into_iter().find(|row| row.role == role && row.department == department);
            let row = row.ok_or_else(|| {
                Failure::missing(format!("{email} does not have this role; `idp admin list` shows who has which"))
            })?;
            let hand = Hand::operator(SystemClock.now());
            let now = hand.now;
            match roles::end(store, &hand, None, row.id).await?.unwrap_or(false) {
                true => {
                    if json {
                        print(&shape(&StaffRole { ended_at: Some(now), ..row }, Some(&email)));
                        return Ok(());
                    }
                    say("the role is over");
                    Ok(())
                }
                false => Err(Failure::refused(
                    "nothing changed: the last super admin stays; give the role to somebody else first".to_owned(),
                )),
            }
        }
        Command::List { all } => {
            let rows = store.staff_roles().await?;
            let programs = roles::programs(store).await?;
            let mut shapes = Vec::new();
            for row in rows.into_iter().filter(|row| all || row.ended_at.is_none()) {
                let account = store.account(row.account_id).await?;
                let email = account.map(|stored| stored.account.email.as_str().to_owned());
                let email = email.or_else(|| programs.get(&row.account_id).map(ToString::to_string));
                if json {
                    shapes.push(shape(&row, email.as_deref()));
                    continue;
                }
                let department = row.department.as_ref().map_or("", Department::as_str);
                let state = row.ended_at.map_or_else(String::new, |at| format!(", until {}", at.to_rfc3339()));
                let who = email.as_deref().unwrap_or("(erased)");
                say(format!("{:21} {department:10} {who}  since {}{state}", row.role.as_str(), row.since.to_rfc3339()));
            }
            if json {
                print(&shapes);
            }
            Ok(())
        }
    }
}

/// Whom a role is about, as typed.
enum Named {
    Account(String),
    Program(ClientId),
}

impl Named {
    fn of(email: Option<String>, client: Option<String>) -> Result<Self, Failure> {
        match (email, client) {
            (Some(email), None) => Ok(Self::Account(email)),
            (None, Some(client)) => ClientId::parse(&client)
                .map(Self::Program)
                .ok_or_else(|| Failure::usage("--client: no client_id".to_owned())),
            _ => Err(Failure::usage("give one of --email and --client".to_owned())),
        }
    }

    async fn holder(&self, store: &Store) -> Result<Holder, Failure> {
        Ok(match self {
            Self::Account(email) => Holder::Account(find(store, email).await?.account.id),
            Self::Program(client) => Holder::Program(client.clone()),
        })
    }
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Account(email) => email,
            Self::Program(client) => client.as_str(),
        })
    }
}

async fn give(
    store: &Store,
    named: &Named,
    role: Role,
    department: Option<Department>,
    json: bool,
) -> Result<(), Failure> {
    StaffRole::judge(role, department.as_ref()).map_err(|error| Failure::usage(format!("--department: {error}")))?;
    let holder = named.holder(store).await?;
    let is_program = matches!(holder, Holder::Program(_));
    let hand = Hand::operator(SystemClock.now());
    let given = roles::give(store, &SystemChance, &hand, None, (holder, role, department), &|_| None).await;
    let row = given.map_err(|refused| match refused {
        RoleRefused::HadIt => Failure::refused(format!("{named} has this role already")),
        RoleRefused::Misfit(error) => Failure::usage(format!("--department: {error}")),
        RoleRefused::Store(error) => error.into(),
        RoleRefused::Nobody => Failure::missing(format!("there is no client {named}; `idp client list` shows all")),
        other => Failure::refused(format!("{named}: {other}")),
    })?;
    if json {
        print(&shape(&row, Some(&named.to_string())));
        return Ok(());
    }
    say(match is_program {
        true => format!("{named} is {} now, for what its tokens' scopes allow (docs/api.md).", role.as_str()),
        false => format!(
            "{named} is {} now. The console asks for a second factor: an authenticator app or a passkey, set up in the \
             account.",
            role.as_str()
        ),
    });
    Ok(())
}

async fn find(store: &Store, email: &str) -> Result<StoredAccount, Failure> {
    let address = EmailAddress::parse(email).map_err(|_| Failure::usage(format!("--email: {email} is no address")))?;
    let found = store.account_by_email(address.key()).await?;
    let missing =
        || Failure::missing(format!("there is no account {email}: its owner registers first, as every member does"));
    found.map(|found| (*found).clone()).ok_or_else(missing)
}

fn parse_department(text: Option<&str>) -> Result<Option<Department>, Failure> {
    text.map(|text| Department::parse(text).map_err(|error| Failure::usage(format!("--department: {error}"))))
        .transpose()
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
