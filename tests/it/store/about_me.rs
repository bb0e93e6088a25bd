//! What members choose to show: words and picture together, and nothing left of either.

use chrono::TimeDelta;
use idp_core::account::{AboutMe, Nickname, PictureName};
use idp_core::audit::{Action, AuditEvent};

use super::{Bench, at_once, both};

both! {
    words_and_picture_are_written_together,
    of_several_at_once_one_is_kept,
    nothing_is_left_of_an_erased_account,
}

fn with_picture(bench: &Bench) -> (AboutMe, PictureName) {
    let name = PictureName::make(&*bench.chance);
    let nickname = Some(Nickname::parse("ส้ม").unwrap());
    (AboutMe { nickname, picture: Some(name), ..AboutMe::default() }, name)
}

async fn words_and_picture_are_written_together(bench: Bench) {
    let (account, _) = bench.member().await;
    let event = AuditEvent::by_member(bench.now, account.id, Action::ProfileCorrected);
    let stored = async || bench.store.account(account.id).await.unwrap().unwrap();
    assert!(stored().await.about.is_empty());
    let (first, old) = with_picture(&bench);
    let mut seen = account.updated_at;
    let mut now = bench.now;
    let mut change = async |about: &AboutMe, png: Option<&[u8]>| {
        now += TimeDelta::seconds(1);
        let png = png.map(<[u8]>::to_vec);
        let done = bench
            .store
            .change_about_me(account.id, about, png, (seen, now), std::slice::from_ref(&event))
            .await
            .unwrap();
        assert!(done);
        seen = now;
    };
    change(&first, Some(b"one")).await;
    assert_eq!(stored().await.about, first);
    let found = bench.store.member_picture(&old).await.unwrap();
    assert_eq!(found, Some((account.id, b"one".to_vec())));
    // Other words leave the picture; another picture takes its place; none takes it away.
    change(&AboutMe { nickname: None, ..first.clone() }, None).await;
    assert!(bench.store.member_picture(&old).await.unwrap().is_some());
    let (second, new) = with_picture(&bench);
    change(&second, Some(b"two")).await;
    assert!(bench.store.member_picture(&old).await.unwrap().is_none());
    assert_eq!(bench.store.member_picture(&new).await.unwrap(), Some((account.id, b"two".to_vec())));
    change(&AboutMe::default(), None).await;
    assert!(bench.store.member_picture(&new).await.unwrap().is_none());
    assert!(stored().await.about.is_empty());
    assert_eq!(bench.lines(account.id, Action::ProfileCorrected).await, 4);
}

async fn of_several_at_once_one_is_kept(bench: Bench) {
    let (account, _) = bench.member().await;
    let later = bench.now + TimeDelta::seconds(1);
    let won = at_once(20, |_| {
        let store = bench.store.clone();
        let (about, _) = with_picture(&bench);
        async move {
            let when = (account.updated_at, later);
            store.change_about_me(account.id, &about, Some(b"png".to_vec()), when, &[]).await.unwrap()
        }
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    assert_eq!(bench.store.row_count("member_pictures").await.unwrap(), 1);
    let kept = bench.store.account(account.id).await.unwrap().unwrap().about.picture.unwrap();
    assert!(bench.store.member_picture(&kept).await.unwrap().is_some());
}

async fn nothing_is_left_of_an_erased_account(bench: Bench) {
    let (account, _) = bench.member().await;
    let (about, name) = with_picture(&bench);
    let when = (account.updated_at, bench.now);
    assert!(bench.store.change_about_me(account.id, &about, Some(b"png".to_vec()), when, &[]).await.unwrap());
    let erase_at = bench.now + TimeDelta::days(30);
    assert!(bench.store.schedule_deletion(account.id, erase_at, bench.now, &[], &[]).await.unwrap());
    // Who waits for the end shows nothing new.
    let when = (bench.now, bench.now);
    assert!(!bench.store.change_about_me(account.id, &AboutMe::default(), None, when, &[]).await.unwrap());
    let event = move |id| AuditEvent::new(erase_at, idp_core::audit::Actor::System, Action::AccountErased).account(id);
    let erased = bench.store.erase_due(erase_at, TimeDelta::zero(), 10, &event).await.unwrap();
    assert_eq!(erased, [account.id]);
    assert!(bench.store.member_picture(&name).await.unwrap().is_none());
    let given = bench.store.held_about(account.id).await.unwrap();
    let row = &given.iter().find(|held| held.held.section == "account").unwrap().rows[0];
    assert!(!row.contains_key("about"), "{row:?}");
}
