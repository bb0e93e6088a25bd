//! `idp member show`: what the page of the console shows; numbers and addresses masked.

use chrono::{DateTime, Utc};
use idp_core::account::Account;
use serde_json::Value;

use super::super::{Failure, print, say};
use super::line;
use crate::members::Desk;
use crate::members::detail::MemberDetail;

/// Shows a member; the look is written down already.
pub(super) async fn show(desk: Desk<'_>, account: &Account, json: bool, now: DateTime<Utc>) -> Result<(), Failure> {
    let limits = desk.config.sessions.limits();
    let detail = MemberDetail::read(desk.store, account, limits, true, now).await?;
    let shape = serde_json::to_value(&detail).map_err(|error| Failure::refused(error.to_string()))?;
    if json {
        print(&merged(shape));
        return Ok(());
    }
    say(line(account, now));
    for (name, value) in shape.as_object().into_iter().flatten().filter(|(name, _)| *name != "member") {
        match value {
            Value::Array(lines) => {
                say(format!("\n{name}: {}", lines.len()));
                lines.iter().for_each(|line| say(format!("  {}", in_a_line(line))));
            }
            value => say(format!("\n{name}: {}", in_a_line(value))),
        }
    }
    Ok(())
}

/// The member's own settings beside the lists, as other commands show a member.
fn merged(mut detail: Value) -> Value {
    let member = detail.as_object_mut().and_then(|detail| detail.remove("member"));
    match (member, detail) {
        (Some(Value::Object(mut member)), Value::Object(detail)) => {
            member.extend(detail);
            Value::Object(member)
        }
        (_, detail) => detail,
    }
}

fn in_a_line(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let pairs = members.iter().map(|(name, value)| format!("{name} {}", in_a_line(value)));
            pairs.collect::<Vec<_>>().join("  ")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
