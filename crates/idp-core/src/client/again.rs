//! A client taken apart again, to be changed: what it was asked for, and what stays when it is asked for anew.

use chrono::{DateTime, Utc};

use super::{
    AboutDraft, Client, ClientAuthentication, ClientDraft, ClientKind, GrantType, Legacy, LegacyError, LegacyUse,
    LogoutDraft, SubjectType,
};

impl ClientDraft {
    /// The draft that would register `client` as it is, apart from its secret.
    pub fn of(client: &Client) -> Self {
        let uris = |uris: &[super::RedirectUri]| uris.iter().map(|uri| uri.as_str().to_owned()).collect::<Vec<_>>();
        let web = |uri: &Option<super::WebUri>| uri.as_ref().map(|uri| uri.as_str().to_owned());
        let access = |access: &crate::resource::ResourceAccess| {
            let scopes = access.scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
            (access.resource.to_string(), scopes)
        };
        let (assertion_algorithm, assertion_to_token_endpoint) = match &client.authentication {
            ClientAuthentication::PrivateKeyJwt { algorithm, token_endpoint_audience } => {
                (*algorithm, *token_endpoint_audience)
            }
            _ => (None, false),
        };
        Self {
            id: client.id.clone(),
            name: client.name.clone(),
            owner: client.owner.clone(),
            purpose: client.purpose.clone(),
            kind: client.kind,
            authentication_method: client.authentication.method().to_owned(),
            redirect_uris: uris(&client.redirect_uris),
            post_logout_redirect_uris: uris(&client.post_logout_redirect_uris),
            scopes: client.scopes,
            refresh_tokens: client.may_use(GrantType::RefreshToken),
            membership: client.membership,
            least_acr: client.least_acr,
            consent: client.consent,
            public_subject: client.subject == SubjectType::Public,
            pkce: client.pkce,
            id_token_algorithm: client.id_token_algorithm,
            requests: client.requests.clone(),
            answers: client.answers.clone(),
            client_credentials: client.may_use(GrantType::ClientCredentials),
            device: client.may_use(GrantType::DeviceCode),
            resource: client.resource.as_ref().map(|resource| {
                let scopes = resource.scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
                (resource.identifier.to_string(), scopes)
            }),
            resources: client.resources.iter().map(access).collect(),
            dpop_bound_access_tokens: client.dpop_bound_access_tokens,
            assertion_algorithm,
            assertion_to_token_endpoint,
            jwks: client.keys.document(),
            jwks_uri: client.keys.uri().map(|uri| uri.as_str().to_owned()),
            logout: LogoutDraft {
                back: client.logout.back.as_ref().map(|uri| uri.as_str().to_owned()),
                back_needs_sid: client.logout.back_needs_sid,
                front: client.logout.front.as_ref().map(|uri| uri.as_str().to_owned()),
                front_needs_sid: client.logout.front_needs_sid,
            },
            events: client.events.draft(),
            about: AboutDraft {
                client_uri: web(&client.about.client_uri),
                logo_uri: web(&client.about.logo_uri),
                policy_uri: web(&client.about.policy_uri),
                tos_uri: web(&client.about.tos_uri),
                initiate_login_uri: web(&client.about.initiate_login_uri),
                contacts: client.about.contacts.clone(),
            },
            sector_identifier_uri: client.sector_identifier_uri.as_ref().map(|uri| uri.as_str().to_owned()),
            // What was found there when it was registered held these URIs; other URIs are to be looked up again.
            sector_listed: client.sector_identifier_uri.as_ref().map(|_| uris(&client.redirect_uris)),
            department: client.department.clone(),
            stewards: client.stewards.clone(),
            as_draft: false,
            // Kept as it is by `Client::followed_by`: a day that has passed could not be asked for again.
            legacy_until: None,
        }
    }
}

impl ClientDraft {
    /// The draft of a program that registers itself anew: what only an administrator says stays as it stands on `client`.
    #[must_use]
    pub fn beside_what_is_set(self, client: &Client) -> Self {
        let set = Self::of(client);
        Self {
            owner: set.owner,
            purpose: set.purpose,
            membership: set.membership,
            consent: set.consent,
            public_subject: set.public_subject,
            // A program that has become one without a secret has no exemption any more.
            pkce: if self.kind == ClientKind::Web { set.pkce } else { self.pkce },
            client_credentials: set.client_credentials,
            device: set.device,
            resource: set.resource,
            resources: set.resources,
            assertion_to_token_endpoint: match client.authentication {
                ClientAuthentication::PrivateKeyJwt { .. } => set.assertion_to_token_endpoint,
                _ => self.assertion_to_token_endpoint,
            },
            // Metadata of RFC 7591 has no words for events: staff say what it is told of. One that has no secret any more
            // cannot fetch them.
            events: match self.kind == ClientKind::Web || set.events.push.is_some() {
                true => set.events,
                false => self.events,
            },
            department: set.department,
            stewards: set.stewards,
            ..self
        }
    }
}

impl Client {
    /// What this client becomes when an administrator asks for it anew as `asked`: its secrets, its place in life, its
    /// beginning and what else nobody asks for in a form stay. `true` beside it when it authenticates in another way than
    /// before, so that the secret it was accepted with is a new one.
    ///
    /// # Errors
    /// [`LegacyError`] as with [`Client::renewed_by`].
    pub fn followed_by(&self, asked: Self, now: DateTime<Utc>) -> Result<(Self, bool), LegacyError> {
        let held = self.managed.clone().map(|managed| managed.held_to(asked.scopes, asked.least_acr));
        let (next, made) = self.renewed_by(asked, now)?;
        Ok((Self { managed: held, ..next }, made))
    }

    /// The same when it asks for itself (RFC 7592 §2.2): what it is held to stays.
    ///
    /// # Errors
    /// [`LegacyError`] when it may speak the old dialect, and what is asked for is more than that can bear. The dialect
    /// ends by itself when the client proves itself otherwise.
    pub fn renewed_by(&self, asked: Self, now: DateTime<Utc>) -> Result<(Self, bool), LegacyError> {
        let same_way = asked.authentication.method() == self.authentication.method();
        let authentication = match (&asked.authentication, same_way) {
            (ClientAuthentication::PrivateKeyJwt { .. }, _) | (_, false) => asked.authentication.clone(),
            (_, true) => self.authentication.clone(),
        };
        let made = !same_way && !authentication.secrets().is_empty();
        let legacy = self.legacy.filter(|_| same_way && asked.kind == self.kind);
        if let (Some(Legacy { until }), LegacyUse::Allowed) = (legacy, self.legacy_use(now)) {
            Legacy::allow(until, &asked.legacy_terms())?;
        }
        let next = Self {
            authentication,
            legacy,
            managed: self.managed.clone(),
            status: self.status,
            notice: self.notice.clone(),
            // Drawn from what `logo_uri` was, or handed over: it stays until there is another.
            logo: self.logo,
            created_at: self.created_at,
            updated_at: now,
            ..asked
        };
        Ok((next, made))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::client::{Bilingual, ClientStatus};
    use crate::id::ClientId;
    use crate::jose::Algorithm;
    use crate::scope::ScopeSet;
    use crate::secret::Secret;

    fn client() -> Client {
        let both = || Bilingual { th: "ทดสอบ".to_owned(), en: "Test".to_owned() };
        let draft = ClientDraft {
            name: both(),
            owner: both(),
            purpose: both(),
            redirect_uris: vec!["https://rp.test/cb".to_owned()],
            scopes: ScopeSet::parse("openid email"),
            ..ClientDraft::new(ClientId::parse("rp").unwrap())
        };
        draft.accept(&Secret::presented("one"), DateTime::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn a_client_asked_for_as_it_is_stays_as_it_is() {
        let client = client();
        let later = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let asked = ClientDraft::of(&client).accept(&Secret::presented("another"), later).unwrap();
        let (next, made) = client.followed_by(asked, later).unwrap();
        assert!(!made);
        assert_eq!(Client { updated_at: client.updated_at, ..next }, client);
    }

    #[test]
    fn another_way_of_authenticating_gets_a_new_secret_and_the_place_in_life_stays() {
        let client = Client { status: ClientStatus::Suspended, ..client() };
        let draft = ClientDraft { authentication_method: "client_secret_post".to_owned(), ..ClientDraft::of(&client) };
        let fresh = Secret::presented("another");
        let asked = draft.accept(&fresh, DateTime::UNIX_EPOCH).unwrap();
        let (next, made) = client.followed_by(asked, DateTime::UNIX_EPOCH).unwrap();
        assert!(made);
        assert_eq!(next.status, ClientStatus::Suspended);
        assert_eq!(next.authentication.secrets()[0].digest, fresh.digest());
    }

    #[test]
    fn a_change_that_the_dialect_cannot_bear_is_refused_until_its_day_is_over() {
        let day = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let plain = ClientDraft {
            authentication_method: "client_secret_post".to_owned(),
            scopes: ScopeSet::parse("openid membership"),
            legacy_until: Some(day),
            ..ClientDraft::of(&client())
        };
        let client = plain.accept(&Secret::presented("one"), DateTime::UNIX_EPOCH).unwrap();
        let check = |change: fn(&mut ClientDraft), now, expected: Result<bool, LegacyError>| {
            let mut draft = ClientDraft::of(&client);
            change(&mut draft);
            let asked = draft.accept(&Secret::presented("another"), now).unwrap();
            let followed = client.followed_by(asked, now).map(|(next, _)| next.legacy.is_some());
            assert_eq!(followed, expected);
        };
        let now = DateTime::UNIX_EPOCH;
        check(|_| {}, now, Ok(true));
        check(|draft| draft.name.en = "Other".to_owned(), now, Ok(true));
        check(|draft| draft.scopes = ScopeSet::parse("openid"), now, Err(LegacyError::Scope));
        check(|draft| draft.answers.userinfo_algorithm = Some(Algorithm::ES256), now, Err(LegacyError::Answers));
        check(|draft| draft.requests.pushed = true, now, Err(LegacyError::Requests));
        check(|draft| draft.dpop_bound_access_tokens = true, now, Err(LegacyError::Bound));
        // Another way of proving itself ends the dialect, and its terms with it.
        let moved = |draft: &mut ClientDraft| {
            draft.authentication_method = "client_secret_basic".to_owned();
            draft.requests.pushed = true;
        };
        check(moved, now, Ok(false));
        check(|draft| draft.requests.pushed = true, day, Ok(true));
    }
}
