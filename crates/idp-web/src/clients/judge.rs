//! Whether a client may be registered as it is asked for: the core's judgement, and what depends on this installation.

use std::iter;

use chrono::{DateTime, Utc};
use idp_core::admin::api_resource;
use idp_core::client::{Client, ClientDraft, DraftError, Stewards};
use idp_core::email::EmailAddress;
use idp_core::jose::Algorithm;
use idp_core::resource::{Misfit, misfit};
use idp_core::scope::{Scope, ScopeSet};
use idp_core::secret::Secret;
use idp_store::StoreError;

use super::ClientDesk;

/// Why a client is not registered so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// What the core says of it.
    #[error("{0}")]
    Draft(#[from] DraftError),
    /// Codes would be sent to whatever listens on a member's own machine.
    #[error(
        "{0}: codes would be sent to whatever listens on a member's own machine; for a trial set \
         clients.allow_loopback_http_redirects"
    )]
    Loopback(String),
    /// A notice would go out unprotected.
    #[error("use https; for a trial on this machine set egress.allow_loopback")]
    PlainBackchannel,
    /// Events would go out unprotected.
    #[error("use https; for a trial on this machine set egress.allow_loopback")]
    PlainEvents,
    /// Keys would come in unprotected.
    #[error("use https; for a trial on this machine set egress.allow_loopback")]
    PlainKeys,
    /// Nothing here signs so.
    #[error("there is no key for {0} yet; make one with `idp keys add {0}`")]
    NoSigningKey(&'static str),
    /// A resource is taken, or not there.
    #[error("{0}")]
    Misfit(#[from] Misfit),
    /// Nobody answers for it.
    #[error("the mailbox of an official is needed")]
    Steward(Steward),
    /// What takes two people cannot be set.
    #[error(
        "citizen_id cannot be set: it takes two members of staff whose identity is verified, one who asks on the page of the \
         client in the console and one who decides there"
    )]
    CitizenId,
    /// Whoever asks reaches other departments alone.
    #[error("department: not one that you look after")]
    Department,
}

/// Who answers for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steward {
    /// The official who does.
    Owner,
    /// Who stands in.
    Deputy,
}

impl Fault {
    /// The setting that it is about.
    pub fn setting(&self) -> &'static str {
        match self {
            Self::Draft(error) => match error {
                DraftError::Text("the name") => "name",
                DraftError::Text("the owner") => "owner",
                DraftError::Text(_) => "purpose",
                DraftError::NoRedirectUri
                | DraftError::RedirectUri { .. }
                | DraftError::NotNative(_)
                | DraftError::SeveralSectors(_) => "redirect_uris",
                DraftError::Sector(_) | DraftError::SectorUnread | DraftError::SectorLacks => "sector_identifier_uri",
                DraftError::Method(_) | DraftError::KindAndMethod { .. } => "token_endpoint_auth_method",
                DraftError::PublicWithoutPkce => "pkce",
                DraftError::PublicMachine => "client_credentials",
                DraftError::PublicResource => "resource",
                DraftError::NoResource | DraftError::Resource(..) => "may_call",
                DraftError::NoKeys
                | DraftError::KeysNeeded(_)
                | DraftError::Keys(_)
                | DraftError::NoEncryptionKey(_) => "jwks",
                DraftError::Logout(_) => "backchannel_logout_uri",
                DraftError::About(_) => "about",
                DraftError::Legacy(_) => "legacy_until",
                DraftError::NoOpenId => "scopes",
                DraftError::Events(_) => "events",
            },
            Self::Loopback(_) => "redirect_uris",
            Self::PlainBackchannel => "backchannel_logout_uri",
            Self::PlainEvents => "events",
            Self::PlainKeys => "jwks_uri",
            Self::NoSigningKey(_) => "id_token_signed_response_alg",
            Self::Misfit(Misfit::Taken(_)) => "resource",
            Self::Misfit(_) => "may_call",
            Self::Steward(Steward::Owner) => "owner_email",
            Self::Steward(Steward::Deputy) => "deputy_email",
            Self::CitizenId => "scopes",
            Self::Department => "department",
        }
    }
}

impl ClientDesk<'_> {
    /// The client that `draft` asks for, beside what `had` already; or everything that is wrong with it.
    ///
    /// # Errors
    /// [`Fault`]s.
    pub fn judge(
        &self,
        draft: ClientDraft,
        had: Option<&Client>,
        secret: &Secret,
        now: DateTime<Utc>,
    ) -> Result<Client, Vec<Fault>> {
        let mut faults = Vec::new();
        if let Some(uri) = self.config.clients.refused(&draft) {
            faults.push(Fault::Loopback(uri.to_owned()));
        }
        let plain = |uri: &Option<String>| uri.as_deref().is_some_and(|uri| uri.starts_with("http:"));
        let strict = !self.config.egress.allow_loopback;
        if strict && plain(&draft.logout.back) {
            faults.push(Fault::PlainBackchannel);
        }
        if strict && plain(&draft.events.push) {
            faults.push(Fault::PlainEvents);
        }
        if strict && plain(&draft.jwks_uri) {
            faults.push(Fault::PlainKeys);
        }
        let mut signing = iter::once(draft.id_token_algorithm).chain(draft.answers.algorithms());
        let unsigned = |algorithm: &Algorithm| !(self.signs)(*algorithm);
        faults.extend(signing.find(unsigned).map(|alg| Fault::NoSigningKey(alg.as_str())));
        // One that registered itself has nobody here; whoever says who answers for it says it rightly.
        if had.is_none_or(|client| client.stewards != draft.stewards) {
            faults.extend(stewards(&draft.stewards));
        }
        let has_number = had.is_some_and(|client| client.scopes.contains(Scope::CitizenId));
        if draft.scopes.contains(Scope::CitizenId) && !has_number {
            faults.push(Fault::CitizenId);
        }
        match draft.accept(secret, now) {
            Ok(client) if faults.is_empty() => Ok(client),
            Ok(_) => Err(faults),
            Err(errors) => {
                faults.extend(errors.into_iter().map(Fault::from));
                Err(faults)
            }
        }
    }

    /// Whether a client's resources fit the others' and ours.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn misfit(&self, client: &Client) -> Result<Option<Fault>, StoreError> {
        if client.resource.is_none() && client.resources.is_empty() {
            return Ok(None);
        }
        let all = self.store.clients().await?;
        let others: Vec<Client> = all.into_iter().filter(|other| other.id != client.id).collect();
        Ok(misfit(client, &others, &api_resource(&self.config.server.issuer)).map(Fault::Misfit))
    }
}

/// What is wrong with those who answer for a client: an official with a mailbox, and perhaps a deputy.
fn stewards(said: &Stewards) -> impl Iterator<Item = Fault> {
    let wrong = |text: &Option<String>| text.as_deref().is_some_and(|text| EmailAddress::parse(text).is_err());
    let owner = said.owner.is_none() || wrong(&said.owner);
    let deputy = wrong(&said.deputy);
    let said = [(owner, Steward::Owner), (deputy, Steward::Deputy)];
    said.into_iter().filter(|(bad, _)| *bad).map(|(_, who)| Fault::Steward(who))
}

/// The draft without the 13-digit number, and whether it was asked for: that takes two people.
#[must_use]
pub fn without_number(draft: ClientDraft) -> (ClientDraft, bool) {
    let number = draft.scopes.contains(Scope::CitizenId);
    let scopes = draft.scopes.without(ScopeSet::from_iter([Scope::CitizenId]));
    (ClientDraft { scopes, ..draft }, number)
}
