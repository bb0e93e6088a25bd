//! What members may ask of their data: nothing forgotten in the copy, receipts that stay, runs that are written down, and
//! numbers that rest.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use idp_core::account::{Badge, CaseOutcome, VerificationCase, VerificationMethod, VerifiedIdentity};
use idp_core::audit::{Action, Actor, AuditEvent};
use idp_core::id::{AccountId, CaseId, ClientId};
use idp_core::privacy::held::{HELD, NOT_GIVEN};
use idp_core::scope::ScopeSet;
use idp_store::{CaseLimits, Promotion, PromotionOrder, Word};

use super::bench::number;
use super::{Bench, both};

both! {
    every_table_and_column_is_given_or_left_out_with_a_reason,
    receipts_name_the_texts_and_are_only_added_to,
    a_run_of_the_retention_table_is_written_down,
    a_number_being_freed_is_not_taken_before_it_has_rested,
}

async fn every_table_and_column_is_given_or_left_out_with_a_reason(bench: Bench) {
    let schema = bench.store.schema().await.unwrap();
    let mut answered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for held in HELD {
        assert!(held.left_out.iter().all(|(_, why)| !why.is_empty()), "{}", held.table);
        let columns =
            held.columns.iter().map(|column| column.column).chain(held.left_out.iter().map(|(name, _)| *name));
        let listed: BTreeSet<String> = columns.map(str::to_owned).collect();
        assert_eq!(listed.len(), held.columns.len() + held.left_out.len(), "{}: a column twice", held.table);
        assert!(answered.insert(held.table.to_owned(), listed).is_none(), "{} twice", held.table);
    }
    for (table, columns) in &schema {
        if let Some((_, why)) = NOT_GIVEN.iter().find(|(name, _)| name == table) {
            assert!(!why.is_empty() && !answered.contains_key(table), "{table}");
            continue;
        }
        let listed = answered.get(table).unwrap_or_else(|| {
            panic!("{table} is neither given to members nor left out with a reason: idp_core::privacy::held")
        });
        assert_eq!(listed, columns, "{table}: each column is given, or left out with a reason");
    }
    for table in answered.keys() {
        assert!(schema.contains_key(table), "there is no table {table}");
    }
}

async fn receipts_name_the_texts_and_are_only_added_to(bench: Bench) {
    let (account, _) = bench.member().await;
    let client = ClientId::parse("rp").unwrap();
    bench.store.accept_documents(account.id, "1+1", bench.now, &[]).await.unwrap();
    let email = ScopeSet::parse("openid email");
    bench.store.give_consent(account.id, &client, email, "text-1", "th", bench.now, &[]).await.unwrap();
    bench.store.accept_documents(account.id, "1+2", bench.now, &[]).await.unwrap();
    assert!(!bench.store.accept_documents(account.id, "1+2", bench.now, &[]).await.unwrap(), "once");
    assert!(bench.store.withdraw_consent(account.id, &client, bench.now, &[]).await.unwrap());
    let receipts = bench.store.receipts_of(account.id, 9).await.unwrap();
    let said: Vec<_> = receipts.iter().map(|r| (r.given, r.text_version.as_deref(), r.documents.as_deref())).collect();
    assert_eq!(said, [(false, None, Some("1+2")), (true, Some("text-1"), Some("1+1"))]);
    assert_eq!(receipts[1].release.scopes, email);
    let (other, _) = bench.member().await;
    assert!(bench.store.receipt(other.id, receipts[0].number).await.unwrap().is_none(), "nobody else's");
    assert!(bench.store.receipt(account.id, receipts[0].number).await.unwrap().is_some());
    // Erasure leaves them, by the account's id.
    let erase_at = bench.now + TimeDelta::days(1);
    bench.store.schedule_deletion(account.id, erase_at, bench.now, &[], &[]).await.unwrap();
    let event = move |id: AccountId| AuditEvent::new(erase_at, Actor::System, Action::AccountErased).account(id);
    bench.store.erase_due(erase_at, TimeDelta::zero(), 9, &event).await.unwrap();
    assert_eq!(bench.store.receipts_of(account.id, 9).await.unwrap().len(), 2);
}

#[test]
fn no_statement_changes_or_deletes_a_receipt() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/idp-store/src");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            // But for those of a trial, whose client nobody else ever meets (decision 0031).
            const TRIAL: &str =
                "DELETE FROM consent_records WHERE account_id = $1 AND client_id = $2 AND client_id LIKE 'trial.%'";
            let text = std::fs::read_to_string(&path).unwrap().replace(TRIAL, "");
            for act in ["UPDATE consent_records", "DELETE FROM consent_records"] {
                assert!(!text.contains(act), "{}: {act}", path.display());
            }
        }
    }
}

async fn a_run_of_the_retention_table_is_written_down(bench: Bench) {
    let (account, session) = bench.member().await;
    let forgotten = bench.grant(&session);
    bench.store.issue(&forgotten, super::bench::UNASKED, bench.now, &[]).await.unwrap();
    bench.store.queue_mails(&[bench.mail(account.id, None)]).await.unwrap();
    for mail in bench.store.lease_mails(uuid::Uuid::from_u128(1), bench.now, TimeDelta::minutes(1), 9).await.unwrap() {
        bench.store.mail_sent(mail.id, bench.now).await.unwrap();
    }
    let run = async |days| bench.store.purge(bench.now + TimeDelta::days(days)).await.unwrap();
    let lines = async || bench.store.latest_events(Action::RetentionRun, 9).await.unwrap();
    assert_eq!(run(0).await, 0);
    assert!(lines().await.is_empty(), "nothing done is nothing to tell");
    assert_eq!(run(8).await, 3);
    let told = lines().await;
    assert_eq!(told.len(), 1);
    let told: serde_json::Value = serde_json::from_str(told[0].detail.as_deref().unwrap()).unwrap();
    assert_eq!(told, serde_json::json!({ "codes that nobody came for": 1, "mails": 1, "registrations under way": 1 }));
}

async fn a_number_being_freed_is_not_taken_before_it_has_rested(bench: Bench) {
    let cooling = TimeDelta::days(30);
    let promote = async |account: AccountId, at| {
        let case = VerificationCase {
            id: CaseId::make(&*bench.chance),
            account_id: account,
            method: VerificationMethod::CivilRegistry,
            outcome: CaseOutcome::Asked,
            opened_at: at,
            closed_at: None,
        };
        let limits = CaseLimits { per_account: 99, per_number: 99, per_origin: 99, since: at - TimeDelta::days(1) };
        bench.store.open_case(&case, [7; 32], "192.0.2.1", limits, &[]).await.unwrap();
        let name = |text: &str| idp_core::thai::ThaiName::parse(text).unwrap();
        let identity = VerifiedIdentity {
            number: number(7),
            first_name: name("สมชาย"),
            last_name: name("ใจดี"),
            birth_date: idp_core::thai::BuddhistDate::from_registry_form("25330520").unwrap(),
        };
        let badge = Badge { method: case.method, ial: "1.2".to_owned(), reference: "r".to_owned(), at };
        let order = PromotionOrder {
            case_id: case.id,
            account_id: account,
            identity: &identity,
            badge: &badge,
            since: at,
            links: &[],
            held_events: &[],
            held_mails: &[],
            word: Word::Registry { held: None },
        };
        bench.store.promote(order, at, &[], &[]).await.unwrap()
    };
    let (ana, _) = bench.member().await;
    assert_eq!(promote(ana.id, bench.now).await, Promotion::Promoted);
    let erase_at = bench.now + TimeDelta::days(30);
    bench.store.schedule_deletion(ana.id, erase_at, bench.now, &[], &[]).await.unwrap();
    let (ben, _) = bench.member().await;
    // While it is being freed, everybody who comes finds it held or resting, never free.
    let event = move |id: AccountId| AuditEvent::new(erase_at, Actor::System, Action::AccountErased).account(id);
    let erasing = bench.store.erase_due(erase_at, cooling, 9, &event);
    let (erased, tried) = tokio::join!(erasing, async {
        let mut tried = Vec::new();
        for _ in 0..20 {
            tried.push(promote(ben.id, erase_at).await);
        }
        tried
    });
    assert_eq!(erased.unwrap(), [ana.id]);
    for came_to in tried {
        assert!(matches!(came_to, Promotion::HeldByOther { .. } | Promotion::Resting { .. }), "{came_to:?}");
    }
    assert_eq!(promote(ben.id, erase_at).await, Promotion::Resting { free_at: erase_at + cooling });
    assert_eq!(promote(ben.id, erase_at + cooling).await, Promotion::Promoted);
    let (cat, _) = bench.member().await;
    assert_eq!(promote(cat.id, erase_at + cooling).await, Promotion::HeldByOther { holder: ben.id });
}
