//! `idp audit`: the chain of seals, and the log as a file.

use chrono::{DateTime, Utc};
use clap::{Subcommand, ValueEnum};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::{AccountId, ClientId};
use idp_store::{AuditFault, AuditFilter, AuditLine, Store};
use serde_json::json;

use super::{Configured, Failure, print, say};
use crate::admin::audit::{COLUMNS, csv_line};
use crate::time::{Clock as _, SystemClock};

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
    /// Checks every seal against its lines and the seal before it. Compare the last hash with the one in the program's log.
    Verify,
    /// Writes lines to standard output, oldest first.
    Export(Export),
}

#[derive(clap::Args)]
struct Export {
    /// Not before this moment (RFC 3339).
    #[arg(long)]
    from: Option<DateTime<Utc>>,
    /// Before this moment (RFC 3339).
    #[arg(long)]
    until: Option<DateTime<Utc>>,
    /// An action such as client.changed, or its beginning with the dot: client.
    #[arg(long)]
    action: Option<String>,
    /// Through or about this client_id.
    #[arg(long)]
    client: Option<String>,
    /// About this account.
    #[arg(long)]
    account: Option<String>,
    /// Done by this account.
    #[arg(long)]
    actor: Option<String>,
    /// One JSON object a line, or CSV; with --json one document instead.
    #[arg(long, value_enum, default_value = "jsonl", conflicts_with = "json")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One JSON object a line.
    Jsonl,
    /// CSV that no spreadsheet runs anything of.
    Csv,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let store = arguments.configured.open_store().await?;
    let done = match arguments.command {
        Command::Verify => verify(&store, arguments.json).await,
        Command::Export(wished) => export(&store, wished, arguments.json).await,
    };
    store.close().await;
    done
}

async fn verify(store: &Store, json: bool) -> Result<(), Failure> {
    let report = store.verify_audit().await?;
    let fault = report.fault.map(|fault| match fault {
        AuditFault::Seal { number } => format!("seal {number} is missing or was changed"),
        AuditFault::Rows { number } => format!("lines under seal {number} were changed, removed or added"),
        AuditFault::Added { seq } => format!("line {seq} was slipped in where there was none"),
    });
    if json {
        let shape = json!({
            "sound": fault.is_none(),
            "fault": fault,
            "seals": report.seals,
            "sealed_lines": report.sealed_rows,
            "lines_not_sealed_yet": report.unsealed_rows,
            "last_hash": report.last_hash,
        });
        print(&shape);
    } else {
        say(format!(
            "{} seals over {} lines fit; {} lines are not sealed yet\nlast hash: {}",
            report.seals,
            report.sealed_rows,
            report.unsealed_rows,
            report.last_hash.as_deref().unwrap_or("none")
        ));
    }
    match fault {
        None => Ok(()),
        Some(fault) => Err(Failure::broken(format!(
            "the audit log was changed from outside: {fault}; keep the database as it is and call the auditors"
        ))),
    }
}

async fn export(store: &Store, wished: Export, json: bool) -> Result<(), Failure> {
    let account = |text: Option<String>, flag: &str| {
        text.map(|text| {
            AccountId::parse(&text).ok_or_else(|| Failure::usage(format!("{flag}: not the id of an account")))
        })
        .transpose()
    };
    let filter = AuditFilter {
        actor: account(wished.actor, "--actor")?,
        account: account(wished.account, "--account")?,
        action: wished.action,
        client: wished
            .client
            .map(|text| ClientId::parse(&text).ok_or_else(|| Failure::usage("--client: not a client_id".to_owned())))
            .transpose()?,
        from: wished.from,
        until: wished.until,
    };
    match (json, wished.format) {
        // Piece by piece: a log is longer than what fits into memory.
        (true, _) => say("{\"lines\": ["),
        (false, Format::Csv) => say(COLUMNS.join(",")),
        (false, Format::Jsonl) => {}
    }
    let (mut after, mut lines) = (0, 0_u64);
    loop {
        let found = store.audit_lines_from(&filter, after, 1000).await?;
        let Some(last) = found.last() else { break };
        after = last.seq;
        for line in &found {
            let comma = if lines > 0 { "," } else { "" };
            lines += 1;
            match (json, wished.format) {
                (true, _) => say(format!("{comma}{}", shape(line))),
                (false, Format::Csv) => say(csv_line(line).trim_end()),
                (false, Format::Jsonl) => say(shape(line)),
            }
        }
    }
    if json {
        say("]}");
    }
    let event = |action| AuditEvent::new(SystemClock.now(), Actor::Operator, action);
    let mut events = vec![event(Action::AuditExported).detail(json!({ "lines": lines }))];
    // Lines sought about one member are a look at that member; a copy of everything is a look at nobody.
    if let Some(member) = filter.account {
        events.push(event(Action::PersonalDataSeen).account(member).detail(json!({ "what": "audit" })));
    }
    store.record(&events).await?;
    Ok(())
}

fn shape(line: &AuditLine) -> serde_json::Value {
    let detail = line.detail.as_deref().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    json!({
        "seq": line.seq,
        "at": line.at,
        "actor": line.actor,
        "actor_id": line.actor_id,
        "action": line.action,
        "account_id": line.account_id,
        "client_id": line.client_id,
        "session_id": line.session_id,
        "origin": line.origin,
        "detail": detail,
    })
}
