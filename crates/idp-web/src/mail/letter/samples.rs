//! One of each letter: `idp mail preview` writes them, and the tests look at them.

use chrono::{TimeDelta, TimeZone, Utc};

use super::{Letter, PasskeyChange};

impl Letter {
    /// One of each, for tests and for looking at them.
    pub fn samples() -> Vec<Letter> {
        let at = Utc.with_ymd_and_hms(2026, 3, 5, 7, 30, 0).single().expect("a moment that exists once");
        let until_date = Utc.with_ymd_and_hms(2026, 5, 4, 16, 59, 59).single().expect("a moment that exists once");
        let name = || "สมชาย ใจดี".to_owned();
        let url = |path: &str| format!("http://localhost:8080{path}");
        vec![
            Letter::ConfirmEmail { code: "042917".into(), reference: "K7PM".into(), minutes: 10 },
            Letter::SecondFactorCode { name: name(), code: "730155".into(), reference: "W3HN".into(), minutes: 10 },
            Letter::LostFactorCode { name: name(), code: "581306".into(), reference: "R4DZ".into(), minutes: 10 },
            Letter::LostFactorWaiting { name: name(), at, until: until_date, not_me_url: url("/not-me?token=sample") },
            Letter::LostFactorOver { name: name(), not_me_url: url("/not-me?token=sample") },
            Letter::FactorsChanged {
                name: name(),
                what: "totp_added".into(),
                at,
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::FactorsChanged {
                name: name(),
                what: "thaid_closed".into(),
                at,
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::FactorsChanged {
                name: name(),
                what: "thaid_opened".into(),
                at,
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::RecoverPassword { name: name(), url: url("/recover/set?token=sample"), minutes: 30 },
            Letter::PasskeyChanged {
                name: name(),
                change: PasskeyChange::Added,
                passkey: "Chrome, Android".into(),
                at,
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::PasskeyChanged {
                name: name(),
                change: PasskeyChange::Removed,
                passkey: "Chrome, Android".into(),
                at,
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::PasswordChanged { name: name(), at, not_me_url: url("/not-me?token=sample") },
            Letter::AlreadyMember { sign_in_url: url("/login") },
            Letter::StaffMailboxCode { code: "318204".into(), reference: "QX4T".into(), minutes: 10 },
            Letter::Welcome { name: name(), until_date },
            Letter::MembershipEnding { name: name(), days_left: 14, until_date, verify_url: url("/verify") },
            Letter::MembershipEnding { name: name(), days_left: 1, until_date, verify_url: url("/verify") },
            Letter::MembershipEnded {
                name: name(),
                verify_url: url("/verify"),
                delete_url: url("/profile/delete"),
                erased_on: Some(at),
            },
            Letter::Verified {
                name: name(),
                method_key: "civil_registry".into(),
                at,
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::NumberPresented { name: name(), at },
            Letter::BadgeWithdrawn { name: name(), until_date, verify_url: url("/verify") },
            Letter::SignedOutEverywhere { name: name(), at },
            Letter::UnusedServices {
                name: name(),
                services: vec!["ระบบร้องเรียนราคาสินค้า".into(), "DITP Academy".into()],
                count: 2,
                url: url("/admin/clients?only=unused"),
            },
            Letter::ChangeEmailCode { code: "530862".into(), reference: "W3HN".into(), minutes: 10 },
            Letter::EmailWanted { at },
            Letter::EmailChanged {
                name: name(),
                at,
                new_address: "so•••@mail.example".into(),
                undo_url: url("/profile/email/undo?token=sample"),
                undo_until: at + TimeDelta::days(7),
            },
            Letter::EmailIsNew { name: name(), at },
            Letter::EmailUndone { name: name(), at, not_me_url: url("/not-me?token=sample") },
            Letter::NewSignIn {
                name: name(),
                at,
                device: "Chrome, Windows".into(),
                network: "203.0.113.0/24".into(),
                not_me_url: url("/not-me?token=sample"),
            },
            Letter::PasswordKnown {
                name: name(),
                at,
                device: "Chrome, Windows".into(),
                network: "203.0.113.0/24".into(),
                password_url: url("/profile/password"),
            },
            Letter::Restricted { name: name(), at, lift_url: url("/profile/restrict") },
            Letter::RestrictionLifted { name: name(), at },
            Letter::DeletionScheduled { name: name(), erase_date: until_date },
            Letter::ReviewOpened { name: name(), profile_url: url("/profile") },
            Letter::ReviewDeclined { name: name(), reason_key: "not_personnel".into(), verify_url: url("/verify") },
            Letter::AccountSuspended {
                name: name(), at, reason: "ตรวจสอบการใช้งานผิดปกติ เรื่องที่ 12/2569".into()
            },
            Letter::AccountRestored { name: name(), at, sign_in_url: url("/login"), recover_url: None },
            Letter::AccountRestored {
                name: name(),
                at,
                sign_in_url: url("/login"),
                recover_url: Some(url("/recover")),
            },
            Letter::SessionsEnded { name: name(), at },
            Letter::MembershipExtended { name: name(), until_date, verify_url: url("/verify") },
        ]
    }
}
