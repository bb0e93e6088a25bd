//! Staff: members with a role, signed in with a second factor.

use idp_core::admin::{Department, Role, StaffRole};
use idp_core::id::{AccountId, SessionId};
use idp_core::secret::Secret;
use idp_core::session::{AuthenticationMethod, Session};
use idp_store::{AuditFilter, AuditLine, Given};
use sea_orm::{ConnectionTrait as _, Database};

use crate::{App, Member};

impl App {
    /// A member who has `role`, signed in with a password and an app's code at this moment. Whoever may ask for what takes two,
    /// or decide it, carries the badge.
    pub async fn insert_staff(&self, name: &str, role: Role, department: Option<&str>) -> Member {
        let member = match role {
            Role::SuperAdmin | Role::ClientAdmin | Role::VerificationOfficer => self.insert_permanent(name).await,
            Role::SupportOfficer | Role::Auditor => self.insert_member(name).await,
        };
        self.on_duty(member, role, department).await
    }

    /// The same without a badge: it may be anybody's second account.
    pub async fn insert_unverified_staff(&self, name: &str, role: Role, department: Option<&str>) -> Member {
        let member = self.insert_member(name).await;
        self.on_duty(member, role, department).await
    }

    async fn on_duty(&self, mut member: Member, role: Role, department: Option<&str>) -> Member {
        self.give_role(&member, role, department).await;
        self.prove_strongly(&mut member).await;
        member
    }

    /// Gives a member a role.
    pub async fn give_role(&self, member: &Member, role: Role, department: Option<&str>) {
        let row = StaffRole {
            id: AccountId::make(&*self.chance).0,
            account_id: member.id,
            role,
            department: department.map(|word| Department::parse(word).expect("a department")),
            given_by: None,
            since: self.now(),
            ended_at: None,
        };
        let given = self.store.give_role(&row, &[]).await.expect("the database can be written");
        assert_eq!(given, Given::Done);
    }

    /// The newest lines of the audit log with this action.
    pub async fn audit_lines(&self, action: &str) -> Vec<AuditLine> {
        let filter = AuditFilter { action: Some(action.to_owned()), ..AuditFilter::default() };
        self.store.audit_lines(&filter, None, 50).await.expect("the database can be read")
    }

    /// A change that this program did not make.
    pub async fn behind_its_back(&self, sql: &str) {
        let connection = Database::connect(self.config.database.url.expose()).await.expect("the database is there");
        connection.execute_unprepared(sql).await.expect("the database can be written");
        connection.close().await.expect("nobody waits");
    }

    /// Puts the member's browser into a session that began at this moment, with a password and an app's code.
    pub async fn prove_strongly(&self, member: &mut Member) {
        let methods = vec![AuthenticationMethod::Pwd, AuthenticationMethod::Otp, AuthenticationMethod::Mfa];
        self.begin_session(member, methods).await;
    }

    /// Puts the member's browser into a session that began at this moment.
    pub async fn begin_session(&self, member: &mut Member, methods: Vec<AuthenticationMethod>) {
        let cookie = Secret::make(&*self.chance);
        let session = Session {
            id: SessionId::make(&*self.chance),
            cookie: cookie.digest(),
            account_id: member.id,
            authenticated_at: self.now(),
            methods,
            last_seen_at: self.now(),
            device: "Firefox, Windows".to_owned(),
            ended_at: None,
        };
        self.store.start_session(&session, None, None, self.now(), &[]).await.expect("the database can be written");
        let name = member.browser.cookie_name("session");
        member.browser.cookies.insert(name, cookie.reveal().to_owned());
    }
}
