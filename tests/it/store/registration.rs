//! The way to an account: step by step, and one account for each address.

use std::sync::Arc;

use chrono::TimeDelta;
use idp_core::account::{CodeState, MemberType, Registration, RegistrationStage};
use idp_core::audit::Action;
use idp_core::email::EmailAddress;
use idp_core::id::RegistrationId;
use idp_core::secret::Secret;
use idp_store::Registered;

use super::{Bench, at_once, both};

both! {
    a_concluded_registration_is_over,
    a_member_is_remembered_as_registered,
    a_registration_goes_step_by_step,
    an_account_is_for_the_mailbox_that_was_proven,
    an_old_registration_is_as_if_it_had_never_begun,
    guesses_are_counted_before_they_are_compared,
    of_many_registrations_of_one_address_one_succeeds,
    one_registration_makes_one_account,
}

fn begun(bench: &Bench) -> (Registration, Secret) {
    let cookie = Secret::make(&*bench.chance);
    let registration = Registration {
        id: RegistrationId::make(&*bench.chance),
        cookie: cookie.digest(),
        stage: RegistrationStage::TypeChosen { member_type: MemberType::Staff },
        request: Some("request".into()),
        expires_at: bench.now + TimeDelta::hours(2),
    };
    (registration, cookie)
}

async fn a_registration_goes_step_by_step(bench: Bench) {
    let (store, now) = (&bench.store, bench.now);
    let (registration, cookie) = begun(&bench);
    let id = registration.id;
    let email = EmailAddress::parse("Somchai@example.com").unwrap();
    let code = CodeState::sent(&Secret::presented("123456"), &id.to_string(), now);
    store.begin_registration(&registration, now, &[bench.event(Action::RegistrationBegun)]).await.unwrap();

    // Nothing can be skipped.
    assert!(!store.send_code(id, &email, &code, now, &[], &[]).await.unwrap());
    assert!(store.take_guess(id, now).await.unwrap().is_none());
    assert!(!store.confirm_email(id, &code.digest, now, &[]).await.unwrap());

    assert!(store.choose_type(id, MemberType::Public, now, &[]).await.unwrap());
    assert!(store.accept_terms(id, "2570-01", now, &[]).await.unwrap());
    assert!(store.send_code(id, &email, &code, now, &[], &[]).await.unwrap());
    assert!(!store.accept_terms(id, "2570-02", now, &[]).await.unwrap());
    let read = store.registration_by_cookie(&cookie.digest(), now).await.unwrap().unwrap();
    assert_eq!(read.request.as_deref(), Some("request"));
    let RegistrationStage::CodeSent { member_type, terms_version, email: sent_to, code: waiting, .. } = read.stage
    else {
        panic!("{read:?}");
    };
    assert_eq!((member_type, terms_version.as_str()), (MemberType::Public, "2570-01"));
    assert_eq!((sent_to.as_str(), waiting), ("Somchai@example.com", code));

    // A fresh code makes the earlier one worthless, and the guesses begin anew.
    store.take_guess(id, now).await.unwrap().unwrap();
    let fresh = CodeState::sent(&Secret::presented("654321"), &id.to_string(), now);
    assert!(store.send_code(id, &email, &fresh, now, &[], &[]).await.unwrap());
    assert!(!store.confirm_email(id, &code.digest, now, &[]).await.unwrap());
    assert!(store.confirm_email(id, &fresh.digest, now, &[]).await.unwrap());
    assert!(!store.confirm_email(id, &fresh.digest, now, &[]).await.unwrap());
    assert!(store.take_guess(id, now).await.unwrap().is_none());
    assert!(!store.send_code(id, &email, &fresh, now, &[], &[]).await.unwrap());
    let read = store.registration_by_cookie(&cookie.digest(), now).await.unwrap().unwrap();
    assert!(matches!(read.stage, RegistrationStage::EmailConfirmed { confirmed_at, .. } if confirmed_at == now));
}

async fn an_old_registration_is_as_if_it_had_never_begun(bench: Bench) {
    let (registration, cookie) = begun(&bench);
    bench.store.begin_registration(&registration, bench.now, &[]).await.unwrap();
    let later = registration.expires_at;
    assert!(bench.store.registration_by_cookie(&cookie.digest(), later).await.unwrap().is_none());
    assert!(!bench.store.accept_terms(registration.id, "1", later, &[]).await.unwrap());
}

async fn guesses_are_counted_before_they_are_compared(bench: Bench) {
    let (store, now) = (&bench.store, bench.now);
    let (registration, _) = begun(&bench);
    let id = registration.id;
    store.begin_registration(&registration, now, &[]).await.unwrap();
    assert!(store.accept_terms(id, "1", now, &[]).await.unwrap());
    let code = CodeState::sent(&Secret::presented("123456"), &id.to_string(), now);
    let email = bench.fresh_email();
    assert!(store.send_code(id, &email, &code, now, &[], &[]).await.unwrap());
    let mut counts = at_once(30, |_| {
        let store = bench.store.clone();
        async move {
            match store.take_guess(id, now).await.unwrap().unwrap().stage {
                RegistrationStage::CodeSent { code, .. } => code.attempts,
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
    counts.sort_unstable();
    assert_eq!(counts, (1..=30).collect::<Vec<_>>());
}

async fn of_many_registrations_of_one_address_one_succeeds(bench: Bench) {
    let bench = Arc::new(bench);
    let outcomes = at_once(20, |number| {
        let bench = Arc::clone(&bench);
        async move {
            // The same mailbox, written in two ways.
            let typed = if number % 2 == 0 { "somsri@example.com" } else { "Somsri@Example.com" };
            let email = EmailAddress::parse(typed).unwrap();
            let registration = bench.confirmed(&email).await;
            let account = bench.account(&email);
            let session = bench.session(account.id);
            let event = bench.event(Action::AccountRegistered).account(account.id);
            let mail = bench.mail(account.id, None);
            let outcome = bench
                .store
                .register(&account, registration, "1", bench.now, &session, None, &[event], &[mail])
                .await
                .unwrap();
            (outcome, account.id)
        }
    })
    .await;
    let done: Vec<_> = outcomes.iter().filter(|(outcome, _)| *outcome == Registered::Done).collect();
    assert_eq!(done.len(), 1);
    assert!(outcomes.iter().all(|(outcome, _)| *outcome != Registered::NotConfirmed));
    assert_eq!(bench.store.row_count("accounts").await.unwrap(), 1);
    assert_eq!(bench.store.row_count("sessions").await.unwrap(), 1);
    assert_eq!(bench.store.outbox_depth().await.unwrap(), 1);
    let found = bench.store.account_by_email("somsri@example.com").await.unwrap().unwrap();
    assert_eq!(found.id, done[0].1);
}

async fn one_registration_makes_one_account(bench: Bench) {
    let email = bench.fresh_email();
    let registration = bench.confirmed(&email).await;
    let bench = Arc::new(bench);
    let outcomes = at_once(20, |_| {
        let (bench, email) = (Arc::clone(&bench), email.clone());
        async move {
            let account = bench.account(&email);
            let session = bench.session(account.id);
            bench.store.register(&account, registration, "1", bench.now, &session, None, &[], &[]).await.unwrap()
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Registered::Done).count(), 1);
    assert_eq!(bench.store.row_count("accounts").await.unwrap(), 1);
}

async fn an_account_is_for_the_mailbox_that_was_proven(bench: Bench) {
    let registration = bench.confirmed(&bench.fresh_email()).await;
    let account = bench.account(&bench.fresh_email());
    let session = bench.session(account.id);
    let outcome = bench.store.register(&account, registration, "1", bench.now, &session, None, &[], &[]).await.unwrap();
    assert_eq!(outcome, Registered::NotConfirmed);
    assert_eq!(bench.store.row_count("accounts").await.unwrap(), 0);
}

async fn a_concluded_registration_is_over(bench: Bench) {
    let email = bench.fresh_email();
    let registration = bench.confirmed(&email).await;
    let account = bench.account(&email);
    let session = bench.session(account.id);
    let device = Secret::make(&*bench.chance).digest();
    let done = bench.store.register(&account, registration, "1", bench.now, &session, Some(device), &[], &[]).await;
    assert_eq!(done.unwrap(), Registered::Done);
    assert!(bench.store.is_known_device(account.id, &device).await.unwrap());
    assert!(!bench.store.accept_terms(registration, "1", bench.now, &[]).await.unwrap());
    assert!(bench.store.take_guess(registration, bench.now).await.unwrap().is_none());
}

async fn a_member_is_remembered_as_registered(bench: Bench) {
    let (account, session) = bench.member().await;
    let read = bench.store.account(account.id).await.unwrap().unwrap();
    assert_eq!(format!("{:?}", read.account), format!("{account:?}"));
    assert!(read.profile == account.profile);
    assert_eq!(read.email.as_str(), account.email.as_str());
    assert_eq!(bench.store.subject_seed(account.id).await.unwrap(), Some(read.subject_seed));
    let (other, _) = bench.member().await;
    assert_ne!(bench.store.subject_seed(other.id).await.unwrap(), Some(read.subject_seed));
    let signed_in = bench.store.session_by_cookie(&session.cookie).await.unwrap().unwrap();
    assert_eq!(format!("{signed_in:?}"), format!("{session:?}"));
    bench.store.set_language(account.id, "en").await.unwrap();
    assert_eq!(bench.store.account(account.id).await.unwrap().unwrap().language.as_deref(), Some("en"));
}
