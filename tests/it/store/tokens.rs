//! Assertions used once, tokens revoked one by one, devices that wait, and keys that tokens are bound to.

use chrono::TimeDelta;
use idp_core::client::OneUse;
use idp_core::dpop::Thumbprint;
use idp_core::grant::{DEVICE_LIFETIME, DeviceRequest, DeviceState, Grant, GrantState, POLL_SECONDS, device_digest};
use idp_core::id::ClientId;
use idp_core::resource::ResourceSet;
use idp_core::scope::ScopeSet;
use idp_core::secret::Secret;

use super::bench::UNASKED;
use super::{Bench, at_once, both};

both! {
    an_assertion_is_used_once,
    a_token_is_revoked_by_its_name,
    access_tokens_are_revoked_and_a_rotation_does_not_revive_them,
    a_family_that_stays_is_used_again_while_it_is_current,
    a_grant_keeps_its_resources_and_its_key,
    a_device_is_approved_once_and_with_a_live_session_alone,
    what_is_over_is_purged,
}

async fn an_assertion_is_used_once(bench: Bench) {
    let once = OneUse { digest: Secret::make(&*bench.chance).digest(), until: bench.now + TimeDelta::minutes(5) };
    let used = at_once(20, |_| {
        let store = bench.store.clone();
        async move { store.use_assertion(&once).await.unwrap() }
    })
    .await;
    assert_eq!(used.into_iter().filter(|won| *won).count(), 1);
    let other = OneUse { digest: Secret::make(&*bench.chance).digest(), ..once };
    assert!(bench.store.use_assertion(&other).await.unwrap());
}

async fn a_token_is_revoked_by_its_name(bench: Bench) {
    let name = Secret::make(&*bench.chance).digest();
    assert!(!bench.store.is_revoked(&name).await.unwrap());
    let ends = bench.now + TimeDelta::minutes(5);
    assert!(bench.store.revoke_token(&name, ends, &[]).await.unwrap());
    assert!(!bench.store.revoke_token(&name, ends, &[]).await.unwrap());
    assert!(bench.store.is_revoked(&name).await.unwrap());
}

async fn access_tokens_are_revoked_and_a_rotation_does_not_revive_them(bench: Bench) {
    let (_, session) = bench.member().await;
    let (grant, token) = bench.redeemed(&session).await;
    let lives = async |generation| {
        let grant = bench.store.grant_for(grant.id, generation).await.unwrap().unwrap();
        grant.refresh.as_ref().unwrap().accepts_generation(generation)
    };
    assert!(lives(0).await);
    // Judged before, written after the revocation.
    let family = bench.store.grant_by_handle(&token.handle.digest()).await.unwrap().unwrap().refresh.unwrap();
    let fresh = token.next(&*bench.chance);
    let verdict = family.present(&token, &fresh, TimeDelta::hours(1), bench.now);
    let idp_core::grant::RefreshVerdict::Rotate { next, expected } = verdict else { panic!("the token is current") };
    assert!(bench.store.revoke_access_tokens(grant.id, 0, &[]).await.unwrap());
    assert!(!bench.store.revoke_access_tokens(grant.id, 0, &[]).await.unwrap(), "nothing is left to revoke");
    assert!(!lives(0).await);
    assert!(bench.store.rotate(grant.id, &expected, &next, &[]).await.unwrap());
    assert!(!lives(0).await && lives(1).await);
    assert!(!bench.store.revoke_access_tokens(grant.id, 7, &[]).await.unwrap(), "no such generation yet");
    assert!(lives(1).await);
}

async fn a_family_that_stays_is_used_again_while_it_is_current(bench: Bench) {
    let (_, session) = bench.member().await;
    let (grant, token) = bench.redeemed(&session).await;
    let (current, later) = (token.secret.digest(), bench.now + TimeDelta::minutes(1));
    assert!(bench.store.use_again(grant.id, &current, later, &[]).await.unwrap());
    let family = bench.store.grant(grant.id).await.unwrap().unwrap().refresh.clone().unwrap();
    assert_eq!((family.rotated_at, family.current, family.generation), (later, current, 0));
    assert!(!bench.store.use_again(grant.id, &token.handle.digest(), later, &[]).await.unwrap());
    bench.store.revoke_grant(grant.id, later, &[]).await.unwrap();
    assert!(!bench.store.use_again(grant.id, &current, later, &[]).await.unwrap());
}

fn thumbprint() -> Thumbprint {
    Thumbprint::parse(&"A".repeat(43)).unwrap()
}

async fn a_grant_keeps_its_resources_and_its_key(bench: Bench) {
    let (_, session) = bench.member().await;
    let resources = ResourceSet::stored("https://api.test a:read a:write\nhttps://b.test").unwrap();
    let bound = Grant { resources: resources.clone(), bound_to: Some(thumbprint()), ..bench.grant(&session) };
    bench.store.issue(&bound, UNASKED, bench.now, &[]).await.unwrap();
    let found = bench.store.grant_by_code(&bound.code).await.unwrap().unwrap();
    assert_eq!((found.resources, found.bound_to), (resources, Some(thumbprint())));
    // A public client's proof binds what it is given.
    let (free, token) = (bench.grant(&session), idp_core::grant::RefreshToken::make(&*bench.chance));
    bench.store.issue(&free, UNASKED, bench.now, &[]).await.unwrap();
    let family = idp_core::grant::RefreshFamily::begin(&token, bench.now, bench.now + TimeDelta::hours(1));
    let key = thumbprint();
    assert!(bench.store.redeem_bound(free.id, Some(&family), Some(&key), bench.now, &[]).await.unwrap());
    let found = bench.store.grant_by_handle(&token.handle.digest()).await.unwrap().unwrap();
    assert_eq!((found.bound_to, found.state), (Some(key), GrantState::Redeemed { at: bench.now }));
}

fn device(bench: &Bench) -> DeviceRequest {
    DeviceRequest {
        digest: device_digest(Secret::make(&*bench.chance).reveal()),
        client_id: ClientId::parse("rp").unwrap(),
        scopes: ScopeSet::parse("openid email"),
        resources: Default::default(),
        challenge: None,
        created_at: bench.now,
        expires_at: bench.now + DEVICE_LIFETIME,
        state: DeviceState::Waiting,
        poll_seconds: POLL_SECONDS,
        polled_at: None,
    }
}

async fn a_device_is_approved_once_and_with_a_live_session_alone(bench: Bench) {
    let (_, session) = bench.member().await;
    let waiting = device(&bench);
    assert!(bench.store.insert_device(&waiting, "mark", &[]).await.unwrap());
    assert!(!bench.store.insert_device(&device(&bench), "mark", &[]).await.unwrap(), "one device for each code");
    let found = bench.store.device_by_user_code("mark").await.unwrap().unwrap();
    assert_eq!((found.digest, found.scopes, found.state), (waiting.digest, waiting.scopes, DeviceState::Waiting));
    bench.store.note_poll(&waiting.digest, 10, bench.now).await.unwrap();
    let found = bench.store.device(&waiting.digest).await.unwrap().unwrap();
    assert_eq!((found.poll_seconds, found.polled_at), (10, Some(bench.now)));
    let approved = at_once(10, |_| {
        let grant = Grant { code: waiting.digest, redirect_uri: String::new(), ..bench.grant(&session) };
        let (store, now) = (bench.store.clone(), bench.now);
        async move { store.approve_device(&grant, UNASKED, now, &[]).await.unwrap() }
    })
    .await;
    assert_eq!(approved.into_iter().filter(|won| *won).count(), 1);
    assert!(!bench.store.deny_device(&waiting.digest, &[]).await.unwrap(), "answered already");
    assert!(bench.store.grant_by_code(&waiting.digest).await.unwrap().is_some());
    // Too late, or by a session that has ended: neither a yes nor a grant.
    let late = device(&bench);
    bench.store.insert_device(&late, "late", &[]).await.unwrap();
    let grant = Grant { code: late.digest, ..bench.grant(&session) };
    assert!(!bench.store.approve_device(&grant, UNASKED, late.expires_at, &[]).await.unwrap());
    let mut gone = session.clone();
    gone.id = idp_core::id::SessionId::make(&*bench.chance);
    let grant = Grant { code: late.digest, ..bench.grant(&gone) };
    assert!(!bench.store.approve_device(&grant, UNASKED, bench.now, &[]).await.unwrap());
    assert_eq!(bench.store.device(&late.digest).await.unwrap().unwrap().state, DeviceState::Waiting);
    assert!(bench.store.grant_by_code(&late.digest).await.unwrap().is_none());
    assert!(bench.store.deny_device(&late.digest, &[]).await.unwrap());
    assert_eq!(bench.store.device(&late.digest).await.unwrap().unwrap().state, DeviceState::Denied);
}

async fn what_is_over_is_purged(bench: Bench) {
    let once = OneUse { digest: Secret::make(&*bench.chance).digest(), until: bench.now + TimeDelta::minutes(5) };
    bench.store.use_assertion(&once).await.unwrap();
    bench.store.revoke_token(&once.digest, once.until, &[]).await.unwrap();
    bench.store.insert_device(&device(&bench), "mark", &[]).await.unwrap();
    bench.store.purge(bench.now).await.unwrap();
    for table in ["client_assertions", "revoked_tokens", "device_codes"] {
        assert_eq!(bench.store.row_count(table).await.unwrap(), 1, "{table}");
    }
    bench.store.purge(bench.now + TimeDelta::days(2)).await.unwrap();
    for table in ["client_assertions", "revoked_tokens", "device_codes"] {
        assert_eq!(bench.store.row_count(table).await.unwrap(), 0, "{table}");
    }
}
