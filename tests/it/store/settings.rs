//! Clients, consents, signing keys and leads.

use std::sync::Arc;

use chrono::TimeDelta;
use idp_core::audit::Action;
use idp_core::client::ClientStatus;
use idp_core::id::ClientId;
use idp_core::jose::{Algorithm, KeyState};
use idp_core::scope::ScopeSet;
use idp_store::{StoreError, StoredKey};
use uuid::Uuid;

use super::{Bench, at_once, both};

both! {
    a_broken_client_is_corrupt,
    a_client_is_changed_by_one_at_a_time,
    a_client_is_registered_once,
    a_consent_is_given_and_withdrawn,
    a_key_goes_through_its_states_once,
    a_revoked_key_has_a_successor_at_once,
    a_job_has_one_leader,
}

async fn a_client_is_registered_once(bench: Bench) {
    let client = bench.client("ditp-academy");
    let won = at_once(20, |_| {
        let (store, client, event) = (bench.store.clone(), client.clone(), bench.event(Action::ClientRegistered));
        async move { store.insert_client(&client, &[event]).await.unwrap() }
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    assert_eq!(bench.store.row_count("audit_log").await.unwrap(), 1);
    assert_eq!(*bench.store.client(&client.id).await.unwrap().unwrap(), client);
    bench.store.insert_client(&bench.client("another"), &[]).await.unwrap();
    let ids: Vec<_> = bench.store.clients().await.unwrap().into_iter().map(|client| client.id.to_string()).collect();
    assert_eq!(ids, ["another", "ditp-academy"]);
    assert!(bench.store.client(&ClientId::parse("unknown").unwrap()).await.unwrap().is_none());
}

async fn a_client_is_changed_by_one_at_a_time(bench: Bench) {
    let client = bench.client("rp");
    bench.store.insert_client(&client, &[]).await.unwrap();
    bench.store.client(&client.id).await.unwrap();
    let bench = Arc::new(bench);
    let won = at_once(20, |n| {
        let (bench, mut changed) = (Arc::clone(&bench), client.clone());
        async move {
            changed.status = ClientStatus::Suspended;
            changed.name.en = format!("name {n}");
            changed.updated_at = bench.now + TimeDelta::milliseconds(1 + i64::try_from(n).unwrap());
            let event = bench.event(Action::ClientStateChanged);
            let won = bench.store.replace_client(&changed, client_was(&bench), &[event]).await.unwrap();
            won.then_some(changed)
        }
    })
    .await;
    let changed: Vec<_> = won.into_iter().flatten().collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(*bench.store.client(&client.id).await.unwrap().unwrap(), changed[0]);
    assert_eq!(bench.store.row_count("audit_log").await.unwrap(), 1);
}

/// When the client was last changed before everybody changes it.
fn client_was(bench: &Bench) -> chrono::DateTime<chrono::Utc> {
    bench.now
}

async fn a_broken_client_is_corrupt(bench: Bench) {
    let client = bench.client("rp");
    bench.store.insert_client(&client, &[]).await.unwrap();
    bench.behind_its_back("UPDATE clients SET settings = '{}'").await;
    match bench.store.client(&client.id).await.unwrap_err() {
        StoreError::Corrupt { table: "clients", column: "settings", id } => assert_eq!(id, "rp"),
        other => panic!("{other:?}"),
    }
}

async fn a_consent_is_given_and_withdrawn(bench: Bench) {
    let (account, session) = bench.member().await;
    let client = ClientId::parse("rp").unwrap();
    let give = async |scopes: &str, version: &str| {
        let event = bench.event(Action::ConsentGiven).account(account.id);
        let scopes = ScopeSet::parse(scopes);
        bench.store.give_consent(account.id, &client, scopes, version, "th", bench.now, &[event]).await.unwrap();
    };
    give("openid", "1").await;
    give("openid profile", "2").await;
    let consent = bench.store.consent(account.id, &client).await.unwrap().unwrap();
    assert_eq!((consent.scopes, consent.version.as_str()), (ScopeSet::parse("openid profile"), "2"));
    assert_eq!((consent.client_id, consent.given_at), (client.clone(), bench.now));
    assert_eq!(bench.store.consents_of(account.id).await.unwrap().len(), 1);
    let (grant, _) = bench.redeemed(&session).await;
    let event = bench.event(Action::ConsentWithdrawn).account(account.id);
    let withdrawn = at_once(20, |_| {
        let (store, now, client, event) = (bench.store.clone(), bench.now, client.clone(), event.clone());
        async move { store.withdraw_consent(account.id, &client, now, &[event]).await.unwrap() }
    })
    .await;
    assert_eq!(withdrawn.iter().filter(|withdrawn| **withdrawn).count(), 1);
    assert_eq!(bench.lines(account.id, Action::ConsentWithdrawn).await, 1);
    assert!(bench.store.consent(account.id, &client).await.unwrap().is_none());
    assert!(!bench.store.grant(grant.id).await.unwrap().unwrap().state.gives_tokens());
    // Every giving and taking back stays on record.
    assert_eq!(bench.store.row_count("consent_records").await.unwrap(), 3);
}

async fn a_key_goes_through_its_states_once(bench: Bench) {
    let key = StoredKey {
        kid: "thumbprint".into(),
        algorithm: Algorithm::ES256,
        state: KeyState::Next,
        sealed: vec![1, 2, 3],
        created_at: bench.now,
        activated_at: None,
        retired_at: None,
    };
    let store = &bench.store;
    assert!(store.insert_signing_key(&key, &[bench.event(Action::SigningKeyMade)]).await.unwrap());
    assert!(!store.insert_signing_key(&key, &[bench.event(Action::SigningKeyMade)]).await.unwrap());
    let rival = StoredKey { kid: "rival".into(), ..key.clone() };
    assert!(!store.insert_signing_key(&rival, &[]).await.unwrap(), "one next key for each algorithm");
    assert_eq!(store.row_count("audit_log").await.unwrap(), 1);
    let switch = async |next: &'static str, active: &'static str| {
        let switched = at_once(20, |_| {
            let (store, now, event) = (store.clone(), bench.now, bench.event(Action::SigningKeyActivated));
            async move { store.switch_signing_key(next, active, now, &[event]).await.unwrap() }
        });
        switched.await.into_iter().filter(|switched| *switched).count()
    };
    let first = StoredKey { kid: "first".into(), state: KeyState::Active, ..key.clone() };
    assert!(store.insert_signing_key(&first, &[]).await.unwrap());
    assert_eq!(switch("thumbprint", "nobody").await, 0);
    assert_eq!(switch("nobody", "first").await, 0, "all of it or nothing");
    assert_eq!(switch("thumbprint", "first").await, 1);
    assert_eq!(store.row_count("audit_log").await.unwrap(), 2);
    let keys = store.signing_keys().await.unwrap();
    let states: Vec<_> = keys.iter().map(|key| (key.kid.as_str(), key.state)).collect();
    assert_eq!(states, [("first", KeyState::Retired), ("thumbprint", KeyState::Active)]);
    assert_eq!((keys[0].retired_at, keys[1].activated_at), (Some(bench.now), Some(bench.now)));
    assert_eq!(keys[1].sealed, [1, 2, 3]);
    assert!(!store.remove_signing_key("thumbprint", &[]).await.unwrap(), "an active key is not just removed");
    assert!(store.remove_signing_key("first", &[]).await.unwrap());
}

async fn a_revoked_key_has_a_successor_at_once(bench: Bench) {
    let key = |kid: &str, state| StoredKey {
        kid: kid.into(),
        algorithm: Algorithm::ES256,
        state,
        sealed: vec![1],
        created_at: bench.now,
        activated_at: None,
        retired_at: None,
    };
    let store = &bench.store;
    let fresh = |kid| key(kid, KeyState::Active);
    for (kid, state) in [("first", KeyState::Active), ("next", KeyState::Next)] {
        assert!(store.insert_signing_key(&key(kid, state), &[]).await.unwrap());
    }
    let revoke = async |kid: &str, fresh: &StoredKey| {
        store.revoke_signing_key(kid, fresh, bench.now, &[bench.event(Action::SigningKeyRevoked)]).await.unwrap()
    };
    assert_eq!(revoke("nobody", &fresh("a")).await, None);
    assert_eq!(revoke("first", &fresh("b")).await, Some(Some("next".to_owned())));
    assert_eq!(revoke("next", &fresh("c")).await, Some(Some("c".to_owned())));
    assert!(store.insert_signing_key(&key("waiting", KeyState::Next), &[]).await.unwrap());
    assert_eq!(revoke("waiting", &fresh("d")).await, Some(None), "nothing had to take over");
    let keys = store.signing_keys().await.unwrap();
    assert_eq!(keys.iter().map(|key| (key.kid.as_str(), key.state)).collect::<Vec<_>>(), [("c", KeyState::Active)]);
    assert_eq!(store.row_count("audit_log").await.unwrap(), 3);
}

async fn a_job_has_one_leader(bench: Bench) {
    let until = bench.now + TimeDelta::seconds(30);
    let leads = at_once(20, |n| {
        let (store, now) = (bench.store.clone(), bench.now);
        async move { store.take_lease("upkeep", Uuid::from_u128(n as u128), until, now).await.unwrap() }
    })
    .await;
    assert_eq!(leads.iter().filter(|leads| **leads).count(), 1);
    let leader = Uuid::from_u128(leads.iter().position(|leads| *leads).unwrap() as u128);
    let stranger = Uuid::from_u128(99);
    let later = until + TimeDelta::seconds(30);
    assert!(bench.store.take_lease("upkeep", leader, later, bench.now).await.unwrap());
    assert!(!bench.store.take_lease("upkeep", stranger, later, until).await.unwrap());
    assert!(bench.store.take_lease("another", stranger, later, until).await.unwrap());
    assert!(bench.store.take_lease("upkeep", stranger, later, later).await.unwrap());
    assert!(!bench.store.take_lease("upkeep", leader, later, bench.now).await.unwrap());
}
