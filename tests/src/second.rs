//! Members with a second factor: an authenticator app in the hand, codes on paper, and how they are proven.

use chrono::TimeDelta;
use idp_core::account::{RecoveryCode, TotpSecret};
use idp_core::id::SessionId;
use idp_core::seal::Purpose;
use idp_core::secret::{Digest, Secret};
use idp_core::session::{AuthenticationMethod, Session, SessionEnd};
use idp_store::{Ending, FactorChange, NewTotp, TotpAdded};

use crate::{Browser, Member, Page};

impl Member {
    /// An authenticator app and recovery codes put straight into the store. It ends the member's sessions.
    pub async fn insert_totp(&mut self) {
        let app = self.browser.app().clone();
        let secret = TotpSecret::make(&*app.chance);
        let sealed = app.vault.seal(
            Purpose::SecondFactor,
            &format!("totp_factors/{}", self.id),
            secret.as_bytes(),
            &*app.chance,
        );
        let codes = RecoveryCode::make_set(&*app.chance);
        let digests: Vec<Digest> = codes.iter().map(|code| code.digest(self.id)).collect();
        // In another browser's session, which has no cookie anybody knows.
        let kept = Session {
            id: SessionId::make(&*app.chance),
            cookie: Secret::make(&*app.chance).digest(),
            account_id: self.id,
            authenticated_at: app.now(),
            methods: vec![AuthenticationMethod::Pwd],
            last_seen_at: app.now(),
            device: String::new(),
            ended_at: None,
        };
        app.store.start_session(&kept, None, None, app.now(), &[]).await.expect("the database can be written");
        let change = FactorChange {
            account_id: self.id,
            kept: kept.id,
            device: self.browser.cookie("device").map(|secret| Secret::presented(secret).digest()),
            links: Vec::new(),
            events: Vec::new(),
            mails: Vec::new(),
        };
        let added = app.store.add_totp(NewTotp { sealed, step: 0 }, &digests, change, app.now()).await;
        let added = added.expect("the database can be written");
        assert!(matches!(added, TotpAdded::Done { .. }), "{added:?}");
        app.store
            .end_sessions(Ending::Session(kept.id), SessionEnd::SignedOut, app.now(), &[], &[])
            .await
            .expect("the database can be written");
        self.totp = TotpSecret::from_bytes(secret.as_bytes()).map(std::sync::Arc::new);
        self.recovery_codes = codes.iter().map(RecoveryCode::shown).collect();
    }

    /// What the member's app shows.
    pub fn totp_code(&self) -> String {
        let now = self.browser.app().now();
        self.totp.as_ref().expect("the member has an app").code(now).to_string()
    }

    /// Lets a step pass, so that the app shows another code.
    pub fn next_totp_code(&self) -> String {
        self.browser.app().advance(TimeDelta::seconds(30));
        self.totp_code()
    }

    /// Proves the factor that the page asks for, with the app in the hand or a code from the mailbox.
    pub async fn prove_at(&mut self, page: &Page) -> Page {
        page.expect_at("/login/second");
        let (page, code) = match page.has("#send-code") {
            true => {
                let page = self.browser.submit(page.form("/login/second/mail")).await;
                let code = self.browser.app().mailed_code(&self.email).await;
                (page, code)
            }
            false if page.form("/login/second").value("by") == "mail" => {
                (page.clone(), self.browser.app().mailed_code(&self.email).await)
            }
            false => (page.clone(), self.next_totp_code()),
        };
        prove(&mut self.browser, &page, &code).await
    }
}

/// Types `code` into the page of the second factor.
pub async fn prove(browser: &mut Browser, page: &Page, code: &str) -> Page {
    browser.submit(page.form("/login/second").with("code", code)).await
}
