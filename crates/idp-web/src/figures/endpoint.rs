//! Endpoints as they are counted: by a name of ours and never by the path that was asked for, which anybody may make up.

use crate::urls;

macro_rules! endpoints {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)+) => {
        /// What a request was for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Endpoint {
            $($(#[$doc])* $name,)+
        }

        impl Endpoint {
            /// Every endpoint.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its stable word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

endpoints! {
    /// The authorization endpoint and the way back to it.
    Authorize = "authorize";
    /// Pushed authorization requests.
    Par = "par";
    /// The token endpoint.
    Token = "token";
    /// Userinfo.
    Userinfo = "userinfo";
    /// Introspection.
    Introspect = "introspect";
    /// Revocation.
    Revoke = "revoke";
    /// Devices without a browser.
    Device = "device";
    /// Signing out at a service's wish.
    Logout = "logout";
    /// Discovery and keys.
    Discovery = "discovery";
    /// The dialect of the system before this one.
    Legacy = "legacy";
    /// Clients that look after their own registration.
    ClientRegistration = "client_registration";
    /// Events for services that fetch them.
    Events = "events";
    /// Signing in, second factors and recovery.
    SignIn = "sign_in";
    /// The consent page.
    Consent = "consent";
    /// Registering an account.
    Register = "register";
    /// Verifying who somebody is.
    Verify = "verify";
    /// A member's own account.
    Account = "account";
    /// The console.
    Console = "console";
    /// The console's API.
    Api = "api";
    /// Pictures, styles and documents.
    Assets = "assets";
    /// Whether the program is alive.
    Health = "health";
    /// Everything else, paths that do not exist among it.
    Other = "other";
}

impl Endpoint {
    /// The endpoint of a path of the URL table; `None` for a path that is in it nowhere.
    pub fn of(path: Option<&str>) -> Self {
        let Some(path) = path else { return Self::Other };
        let exact = match path {
            urls::PAR => Some(Self::Par),
            urls::TOKEN => Some(Self::Token),
            urls::USERINFO => Some(Self::Userinfo),
            urls::INTROSPECT => Some(Self::Introspect),
            urls::REVOKE => Some(Self::Revoke),
            urls::EVENTS => Some(Self::Events),
            urls::DEVICE_AUTHORIZATION => Some(Self::Device),
            urls::DISCOVERY | urls::METADATA | urls::JWKS => Some(Self::Discovery),
            urls::CONSENT => Some(Self::Consent),
            urls::LIVE | urls::READY => Some(Self::Health),
            urls::TERMS
            | urls::TERMS_OF
            | urls::PRIVACY
            | urls::PRIVACY_OF
            | urls::CLIENT_LOGO
            | urls::MEMBER_PICTURE => Some(Self::Assets),
            urls::WELCOME => Some(Self::Register),
            urls::HOME => Some(Self::Account),
            _ => None,
        };
        let begins = [
            (urls::AUTHORIZE, Self::Authorize),
            (urls::DEVICE, Self::Device),
            (urls::LOGOUT, Self::Logout),
            (urls::SIGN_OUT, Self::Logout),
            ("/auth/", Self::Legacy),
            (urls::CLIENT_REGISTRATION, Self::ClientRegistration),
            (urls::LOGIN, Self::SignIn),
            (urls::RECOVER, Self::SignIn),
            (urls::REGISTER, Self::Register),
            (urls::VERIFY, Self::Verify),
            (urls::PROFILE, Self::Account),
            (urls::NOT_ME, Self::Account),
            (urls::LANGUAGE, Self::Account),
            ("/admin", Self::Console),
            ("/staff", Self::Console),
            ("/api", Self::Api),
            ("/assets", Self::Assets),
            ("/favicon", Self::Assets),
        ];
        let within = |base: &str| {
            path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || base.ends_with('/'))
        };
        let begun = || begins.into_iter().find(|(base, _)| within(base)).map(|(_, endpoint)| endpoint);
        exact.or_else(begun).unwrap_or(Self::Other)
    }

    /// Its place in [`Endpoint::ALL`].
    pub(super) fn place(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_counts_for_its_endpoint() {
        let check = |path: &str, endpoint: Endpoint| assert_eq!(Endpoint::of(Some(path)), endpoint, "{path}");
        check(urls::TOKEN, Endpoint::Token);
        check(urls::RESUME, Endpoint::Authorize);
        check(urls::LOGIN_SECOND, Endpoint::SignIn);
        check(urls::LEGACY_AUTHORIZE, Endpoint::Legacy);
        check(urls::DEVICE_AUTHORIZATION, Endpoint::Device);
        check(urls::SIGN_OUT, Endpoint::Logout);
        check(urls::HOME, Endpoint::Account);
        check("/admin/client/{client_id}", Endpoint::Console);
        check("/loginx", Endpoint::Other);
        assert_eq!(Endpoint::of(None), Endpoint::Other);
    }

    #[test]
    fn every_endpoint_has_its_place() {
        for (place, endpoint) in Endpoint::ALL.iter().enumerate() {
            assert_eq!(endpoint.place(), place);
        }
    }
}
