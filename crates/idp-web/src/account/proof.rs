//! Proof of presence: sensitive pages ask for one that is young, and as strong as the account can give.
//!
//! Who has not given it is sent to prove themselves again, and comes back to the page they wanted. Which page that was
//! is a word of a closed list in the query, never an address, so that nobody can be led elsewhere.

use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use idp_core::account::Factors;
use idp_core::session::Session;

use super::login::Onward;
use crate::admin::paths;
use crate::error::AppError;
use crate::extract::{Member, Visitor};
use crate::state::App;
use crate::urls;

/// A page of ours that asks for a proof, and to which its visitor comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// `/profile`
    Profile,
    /// `/profile/security`
    Security,
    /// `/profile/passkeys`
    Passkeys,
    /// `/profile/security/totp`
    Totp,
    /// `/profile/security/totp/remove`
    RemoveTotp,
    /// `/profile/security/recovery-codes`
    RecoveryCodes,
    /// `/profile/security/thaid`
    ThaidDoor,
    /// `/profile/password`
    Password,
    /// `/profile/email`
    Email,
    /// `/profile/delete`
    Delete,
    /// `/profile/data`
    Data,
    /// `/profile/restrict`
    Restrict,
    /// `/verify`
    Verify,
    /// `/verify/renew`
    Renew,
    /// `/admin`: the console
    Console,
    /// `/admin/again`: what was under way in the console
    ConsoleAgain,
}

impl Destination {
    /// Every one.
    const ALL: [Self; 16] = [
        Self::Profile,
        Self::Security,
        Self::Passkeys,
        Self::Totp,
        Self::RemoveTotp,
        Self::RecoveryCodes,
        Self::ThaidDoor,
        Self::Password,
        Self::Email,
        Self::Delete,
        Self::Data,
        Self::Restrict,
        Self::Verify,
        Self::Renew,
        Self::Console,
        Self::ConsoleAgain,
    ];

    /// The word in the query, and the path it stands for.
    const fn entry(self) -> (&'static str, &'static str) {
        match self {
            Self::Profile => ("profile", urls::PROFILE),
            Self::Security => ("security", urls::SECURITY),
            Self::Passkeys => ("passkeys", urls::PASSKEYS),
            Self::Totp => ("totp", urls::TOTP),
            Self::RemoveTotp => ("remove-totp", urls::TOTP_REMOVE),
            Self::RecoveryCodes => ("recovery-codes", urls::RECOVERY_CODES),
            Self::ThaidDoor => ("thaid", urls::THAID_DOOR),
            Self::Password => ("password", urls::PASSWORD),
            Self::Email => ("email", urls::EMAIL),
            Self::Delete => ("delete", urls::DELETE),
            Self::Data => ("data", urls::DATA),
            Self::Restrict => ("restrict", urls::RESTRICT),
            Self::Verify => ("verify", urls::VERIFY),
            Self::Renew => ("renew", urls::VERIFY_RENEW),
            Self::Console => ("console", paths::HOME),
            Self::ConsoleAgain => ("console-again", paths::AGAIN),
        }
    }

    /// The word in the query.
    pub const fn word(self) -> &'static str {
        self.entry().0
    }

    /// The page.
    pub const fn path(self) -> &'static str {
        self.entry().1
    }

    /// Reads [`Destination::word`]; anything else is as if there were none.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|destination| destination.word() == word)
    }
}

/// What a page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Members about their own account: within five minutes, and with a second factor where they have set one up.
    Member,
    /// The same of a form whose page asked for it and that takes its time to fill in: within half an hour.
    LongForm,
    /// Staff with consequences for others: within fifteen minutes, and with a factor that is not a code by mail.
    Staff,
}

impl Demand {
    /// How old the proof may be.
    pub const fn within(self) -> TimeDelta {
        match self {
            Self::Member => TimeDelta::minutes(5),
            Self::LongForm => TimeDelta::minutes(30),
            Self::Staff => TimeDelta::minutes(15),
        }
    }
}

/// What is missing of a demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lacking {
    /// Nothing.
    Nothing,
    /// The proof is too old: everything is proven anew.
    Youth,
    /// A second factor that the member has.
    Strength,
    /// A second factor that the member has not set up yet.
    Factor,
}

/// Judges a session; `factors` are those of its account.
fn lacking(demand: Demand, session: &Session, factors: &Factors, now: DateTime<Utc>) -> Lacking {
    let strong = session.has_strong_factor();
    match demand {
        Demand::Staff if !strong && !factors.has_strong() => Lacking::Factor,
        _ if now - session.authenticated_at > demand.within() => Lacking::Youth,
        _ if !strong && factors.has_strong() => Lacking::Strength,
        _ => Lacking::Nothing,
    }
}

/// Whether the visitor has proven enough.
pub enum Proof {
    /// They have.
    Given(Member),
    /// They have not: where they are sent instead, to come back to the destination.
    Missing(Response),
}

/// Asks for a proof; who lacks it is led to it and then to `back`.
///
/// # Errors
/// When the store does not answer.
pub async fn ask(app: &App, visitor: &Visitor, demand: Demand, back: Destination) -> Result<Proof, AppError> {
    ask_on_the_way(app, visitor, demand, back, None).await
}

/// The same on the way to a service: the sign-in that waits under `request` goes on after the proof, and comes to where it
/// was asked for by itself.
///
/// # Errors
/// When the store does not answer.
pub async fn ask_on_the_way(
    app: &App,
    visitor: &Visitor,
    demand: Demand,
    back: Destination,
    request: Option<&str>,
) -> Result<Proof, AppError> {
    let to = |page: &str| visitor.go(&Onward { request, destination: Some(back) }.by(page));
    let Some(member) = visitor.member.clone() else { return Ok(Proof::Missing(to(urls::LOGIN))) };
    let factors = match member.session.has_strong_factor() {
        // As strong as can be, whatever else the account has.
        true => Factors::default(),
        false => app.store.factors(member.account.account.id).await?,
    };
    Ok(match lacking(demand, &member.session, &factors, visitor.now) {
        Lacking::Nothing => Proof::Given(member),
        Lacking::Youth => Proof::Missing(to("/login?again=yes")),
        Lacking::Strength => Proof::Missing(to(urls::LOGIN_SECOND)),
        Lacking::Factor => Proof::Missing(visitor.go(urls::SECURITY)),
    })
}

/// The same for a page that asks for the password itself: whoever set up a second factor has proven that lately, too.
/// `None` when nothing is missing.
///
/// # Errors
/// When the store does not answer.
pub async fn beside_password(
    app: &App,
    visitor: &Visitor,
    member: &Member,
    back: Destination,
) -> Result<Option<Response>, AppError> {
    if !app.store.factors(member.account.account.id).await?.has_strong() {
        return Ok(None);
    }
    Ok(match ask(app, visitor, Demand::Member, back).await? {
        Proof::Given(_) => None,
        Proof::Missing(elsewhere) => Some(elsewhere),
    })
}

#[cfg(test)]
mod tests {
    use idp_core::account::TotpFactor;
    use idp_core::id::{AccountId, SessionId};
    use idp_core::secret::Secret;
    use idp_core::session::AuthenticationMethod::{self, Mca, Mfa, Otp, Pop, Pwd, User};

    use super::*;

    /// The strong factor of an account.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Has {
        Nothing,
        App,
        Key,
    }
    use Has::{App, Key, Nothing};

    fn check(demand: Demand, methods: &[AuthenticationMethod], age: TimeDelta, has: Has) -> Lacking {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let session = Session {
            id: SessionId(uuid::Uuid::nil()),
            cookie: Secret::presented("cookie").digest(),
            account_id: AccountId(uuid::Uuid::nil()),
            authenticated_at: now - age,
            methods: methods.to_vec(),
            last_seen_at: now,
            device: String::new(),
            ended_at: None,
        };
        let totp = (has == App).then_some(TotpFactor { since: now, last_used_at: None });
        let passkeys = u32::from(has == Key);
        lacking(demand, &session, &Factors { totp, passkeys, recovery_codes: 0 }, now)
    }

    #[test]
    fn a_proof_is_young_and_as_strong_as_the_account_has() {
        let (minutes, strong, passkey) = (TimeDelta::minutes, [Pwd, Otp, Mfa], [Pop, User, Mfa]);
        for (demand, methods, age, has, expected) in [
            (Demand::Member, &[Pwd][..], 5, Nothing, Lacking::Nothing),
            (Demand::Member, &[Pwd], 6, Nothing, Lacking::Youth),
            (Demand::LongForm, &[Pwd], 30, Nothing, Lacking::Nothing),
            (Demand::LongForm, &[Pwd], 31, Nothing, Lacking::Youth),
            (Demand::LongForm, &[Pwd], 0, App, Lacking::Strength),
            (Demand::Member, &[Pwd], 0, App, Lacking::Strength),
            (Demand::Member, &[Pwd], 6, App, Lacking::Youth),
            (Demand::Member, &[Pwd, Mca, Mfa], 0, App, Lacking::Strength),
            (Demand::Member, &strong, 5, App, Lacking::Nothing),
            (Demand::Staff, &[Pwd], 0, Nothing, Lacking::Factor),
            (Demand::Staff, &[Pwd, Mca, Mfa], 0, Nothing, Lacking::Factor),
            (Demand::Staff, &[Pwd], 0, App, Lacking::Strength),
            (Demand::Member, &[Pwd], 0, Key, Lacking::Strength),
            (Demand::Member, &[Pwd, Mca, Mfa], 0, Key, Lacking::Strength),
            (Demand::Member, &passkey, 5, Key, Lacking::Nothing),
            (Demand::Member, &passkey, 6, Key, Lacking::Youth),
            (Demand::Staff, &[Pwd], 0, Key, Lacking::Strength),
            (Demand::Staff, &passkey, 15, Key, Lacking::Nothing),
            (Demand::Staff, &strong, 15, App, Lacking::Nothing),
            (Demand::Staff, &strong, 16, App, Lacking::Youth),
        ] {
            let found = check(demand, methods, minutes(age), has);
            assert_eq!(found, expected, "{demand:?} {methods:?} {age} {has:?}");
        }
    }

    #[test]
    fn where_to_come_back_to_is_a_word_of_ours() {
        for destination in Destination::ALL {
            assert_eq!(Destination::parse(destination.word()), Some(destination));
            assert!(destination.path().starts_with('/'));
        }
        for elsewhere in ["", "/profile", "//evil.test", "https://evil.test/", "Profile"] {
            assert_eq!(Destination::parse(elsewhere), None);
        }
    }
}
