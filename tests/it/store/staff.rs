//! What takes two people, and who gives roles: settled by the write, whatever was judged before.

use chrono::TimeDelta;
use idp_core::admin::{
    APPROVAL_LIFETIME, Approval, ApprovalKind, ApprovalState, Decision, Role, StaffRole, program_id,
};
use idp_core::id::{AccountId, CaseId, ClientId};
use idp_core::secret::Secret;
use idp_store::{Accepted, Asked, Decided, Given, Invitation};
use uuid::Uuid;

use super::members::{officer, promoted};
use super::{Bench, at_once, both};

both! {
    two_people_are_two_badges,
    of_several_second_people_one_decides,
    super_admins_who_end_each_other_leave_one,
    an_invitation_and_the_end_of_whoever_made_it_take_turns,
}

fn asked_for(bench: &Bench, by: AccountId) -> Approval {
    Approval {
        id: CaseId::make(&*bench.chance).0,
        kind: ApprovalKind::ClientRemoval,
        subject: "rp".to_owned(),
        asked_by: by,
        asked_at: bench.now,
        reason: "no longer used".to_owned(),
        payload: None,
        expires_at: bench.now + APPROVAL_LIFETIME,
        state: ApprovalState::Open,
    }
}

/// Whatever the pages judged before: the write asks for both badges.
async fn two_people_are_two_badges(bench: Bench) {
    let (ana, ben) = (officer(&bench, 8).await, officer(&bench, 9).await);
    let (second_account, _) = bench.member().await;
    let (store, now) = (&bench.store, bench.now);
    let ask = async |by: AccountId| {
        let asked = asked_for(&bench, by);
        assert_eq!(store.ask_approval(&asked, &[]).await.unwrap(), Asked::Open);
        asked.id
    };
    let decides = async |id, by: AccountId, decision| {
        matches!(store.decide_approval(id, by, decision, now, &[]).await.unwrap(), Decided::Done(_))
    };
    let (yes, no) = (Decision::Approved, Decision::Declined);
    let id = ask(ana.id).await;
    for decision in [yes, no] {
        assert!(!decides(id, ana.id, decision).await, "whoever asked");
        assert!(!decides(id, second_account.id, decision).await, "no badge");
    }
    assert!(store.suspend(ben.id, "x", now, &[], &[]).await.unwrap());
    assert!(!decides(id, ben.id, yes).await, "stopped");
    assert!(store.restore(ben.id, None, now, &[], &[]).await.unwrap());
    // Ana's number may be another account's by now.
    let end = now + TimeDelta::days(60);
    assert!(store.withdraw_badge(ana.id, end, now, &[], &[]).await.unwrap());
    assert!(!decides(id, ben.id, yes).await, "the asker's badge is gone");
    assert!(decides(id, ben.id, no).await, "what is declined changes nothing");
    // Nobody, and a program, are no people.
    let program = program_id(&ClientId::parse("reports").unwrap());
    for nobody in [AccountId(Uuid::nil()), program, second_account.id] {
        let id = ask(nobody).await;
        assert!(!decides(id, program, no).await);
        assert!(!decides(id, ben.id, yes).await);
        assert!(decides(id, ben.id, no).await);
    }
    let id = ask(ben.id).await;
    promoted(&bench, &ana, 8).await;
    assert!(decides(id, ana.id, yes).await);
}

async fn of_several_second_people_one_decides(bench: Bench) {
    let ana = officer(&bench, 8).await;
    let others = [officer(&bench, 9).await.id, officer(&bench, 10).await.id];
    let asked = asked_for(&bench, ana.id);
    assert_eq!(bench.store.ask_approval(&asked, &[]).await.unwrap(), Asked::Open);
    let outcomes = at_once(10, |n| {
        let (store, now, id, by) = (bench.store.clone(), bench.now, asked.id, others[n % 2]);
        let decision = if n % 3 == 0 { Decision::Declined } else { Decision::Approved };
        async move { matches!(store.decide_approval(id, by, decision, now, &[]).await.unwrap(), Decided::Done(_)) }
    })
    .await;
    assert_eq!(outcomes.into_iter().filter(|done| *done).count(), 1);
}

/// A super admin with this role.
async fn super_admin(bench: &Bench) -> (AccountId, Uuid) {
    let (account, _) = bench.member().await;
    let row = StaffRole {
        id: CaseId::make(&*bench.chance).0,
        account_id: account.id,
        role: Role::SuperAdmin,
        department: None,
        given_by: None,
        since: bench.now,
        ended_at: None,
    };
    assert_eq!(bench.store.give_role(&row, &[]).await.unwrap(), Given::Done);
    (account.id, row.id)
}

async fn super_admins_who_end_each_other_leave_one(bench: Bench) {
    for _ in 0..10 {
        let roles = [super_admin(&bench).await.1, super_admin(&bench).await.1];
        let ended = at_once(2, |n| {
            let (store, now, role) = (bench.store.clone(), bench.now, roles[n]);
            async move { store.end_role(role, None, now, &[]).await.unwrap() }
        })
        .await;
        assert_eq!(ended.iter().filter(|ended| **ended).count(), 1);
        bench.behind_its_back("DELETE FROM staff_roles").await;
    }
}

/// Either it was accepted while the role was in force, or it is no more.
async fn an_invitation_and_the_end_of_whoever_made_it_take_turns(bench: Bench) {
    super_admin(&bench).await;
    for _ in 0..20 {
        let (maker, role) = super_admin(&bench).await;
        let (guest, _) = bench.member().await;
        let digest = Secret::make(&*bench.chance).digest();
        let invitation = Invitation {
            id: CaseId::make(&*bench.chance).0,
            digest,
            role: Role::SuperAdmin,
            department: None,
            made_by: Some(maker),
            made_at: bench.now,
            expires_at: bench.now + TimeDelta::hours(24),
        };
        assert!(bench.store.invite_staff(&invitation, &[]).await.unwrap());
        assert!(!bench.store.invite_staff(&invitation, &[]).await.unwrap(), "it is made once");
        let accept = |who: AccountId| {
            let (store, now, id) = (bench.store.clone(), bench.now, CaseId::make(&*bench.chance).0);
            async move { store.accept_invitation(&digest, who, id, now, &[]).await.unwrap() }
        };
        assert_eq!(accept(maker).await, Accepted::Refused, "nobody gives a role to themselves");
        let came = at_once(2, |n| {
            let (store, now, accepting) = (bench.store.clone(), bench.now, accept(guest.id));
            async move {
                match n {
                    0 => accepting.await == Accepted::Done,
                    _ => store.end_role(role, None, now, &[]).await.unwrap(),
                }
            }
        })
        .await;
        assert!(came[1], "another one is left");
        let has_it = !bench.store.staff_roles_of(guest.id).await.unwrap().is_empty();
        assert_eq!(came[0], has_it);
        for who in [guest.id, maker] {
            assert_eq!(accept(who).await, Accepted::Refused, "used, or over with the role of its maker");
        }
        assert!(bench.store.staff_roles_of(maker).await.unwrap().is_empty());
        assert!(bench.store.open_invitations(bench.now).await.unwrap().is_empty());
    }
}
