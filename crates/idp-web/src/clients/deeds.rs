//! Register, change, rotate, revoke, begin and stop, ask, decide. Each changes and is written down in one transaction.

use idp_core::admin::{APPROVAL_LIFETIME, Approval, ApprovalKind, ApprovalState, Decision, DecisionRefusal};
use idp_core::audit::{Action, AuditEvent};
use idp_core::client::{
    Bilingual, Client, ClientDraft, ClientStatus, DraftError, LifeRefusal, LifeStep, RotationRefusal,
};
use idp_core::id::AccountId;
use idp_core::reason::{Reason, ReasonError};
use idp_core::scope::{Scope, ScopeSet};
use idp_core::secret::Secret;
use idp_store::{Answered, Asked, Created, Creation, Decided, KeptAnswer, StoreError};
use serde_json::json;

use super::{ClientDesk, Fault, Hand};
use crate::roles::{is_person, two_people};

/// The longest note that members read.
const LONGEST_NOTE: usize = 300;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// What was asked for is not sound.
    #[error("the client is not registered so")]
    Faults(Vec<Fault>),
    /// There is one with this id.
    #[error("the client_id is taken")]
    IdTaken,
    /// Somebody else changed it meanwhile.
    #[error("somebody else changed it meanwhile; look again")]
    Overtaken,
    /// It is over for good.
    #[error("the client is retired: it does not come back")]
    Retired,
    /// It proves itself otherwise, or not at all.
    #[error("the client has no secret")]
    NoSecret,
    /// One more would end one that may be in use.
    #[error("{0}")]
    TooManySecrets(RotationRefusal),
    /// There is no older secret to revoke.
    #[error("no older secret is in force")]
    NoOlderSecret,
    /// Not from where it stands.
    #[error("{0}")]
    Step(#[from] LifeRefusal),
    /// It makes no sense to ask for this.
    #[error("this cannot be asked for as the client stands")]
    CannotBeAsked,
    /// It was asked for, and waits.
    #[error("the same was asked for already, and waits for a second person")]
    Waiting,
    /// No reason, one that nobody reads, or one that tells who somebody is.
    #[error("{0}")]
    Reason(#[from] ReasonError),
    /// Not by this one, not any more.
    #[error("{0}")]
    Decision(#[from] DecisionRefusal),
    /// The key of this creation was used before.
    #[error("the key was used before")]
    Answered(Answered),
    /// The store.
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// A client that was registered or changed, and its secret when one was made: shown this once.
#[derive(Clone)]
pub struct Registered {
    /// The client.
    pub client: Client,
    /// Its new secret.
    pub secret: Option<Secret>,
}

/// What keeps an answer beside a creation; `None` when nothing is to be kept.
pub type Keep<'k, T> = &'k (dyn Fn(&T) -> Option<KeptAnswer> + Send + Sync);

impl ClientDesk<'_> {
    /// Registers a client.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn register(
        &self,
        by: &Hand,
        draft: ClientDraft,
        keep: Keep<'_, Registered>,
    ) -> Result<Registered, Refused> {
        let secret = Secret::make(self.chance);
        let client = self.judge(draft, None, &secret, by.now).map_err(Refused::Faults)?;
        if let Some(fault) = self.misfit(&client).await? {
            return Err(Refused::Faults(vec![fault]));
        }
        let secret = (!client.authentication.secrets().is_empty()).then_some(secret);
        let registered = Registered { client, secret };
        let event = by.event(Action::ClientRegistered).client(&registered.client.id);
        let creation = Creation::Client(Box::new(registered.client.clone()));
        match self.store.create(creation, keep(&registered).as_ref(), &[event]).await? {
            Created::Made => Ok(registered),
            Created::Already => Err(Refused::IdTaken),
            Created::Answered(before) => Err(Refused::Answered(before)),
        }
    }

    /// Changes what a client was asked for; its secret and its place in life stay, unless it proves itself otherwise now.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn change(&self, by: &Hand, client: &Client, draft: ClientDraft) -> Result<Registered, Refused> {
        if client.status == ClientStatus::Retired {
            return Err(Refused::Retired);
        }
        let secret = Secret::make(self.chance);
        let asked = self.judge(draft, Some(client), &secret, by.now).map_err(Refused::Faults)?;
        let followed = client.followed_by(asked, by.now);
        let (next, made) = followed.map_err(|why| Refused::Faults(vec![DraftError::from(why).into()]))?;
        if let Some(fault) = self.misfit(&next).await? {
            return Err(Refused::Faults(vec![fault]));
        }
        let event = by.event(Action::ClientChanged).detail(json!({ "changed": changed(client, &next) }));
        self.replace(client, &next, event).await?;
        Ok(Registered { client: next, secret: made.then_some(secret) })
    }

    /// Makes a new secret; the one before works for another day, and those before it until their own end.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn rotate(&self, by: &Hand, client: &Client) -> Result<Registered, Refused> {
        if client.status == ClientStatus::Retired {
            return Err(Refused::Retired);
        }
        let secret = Secret::make(self.chance);
        let authentication = client.authentication.clone().rotated(&secret, by.now).map_err(|why| match why {
            RotationRefusal::NoSecret => Refused::NoSecret,
            RotationRefusal::TooMany => Refused::TooManySecrets(why),
        })?;
        let next = Client { authentication, updated_at: by.now, ..client.clone() };
        self.replace(client, &next, by.event(Action::ClientSecretRotated)).await?;
        Ok(Registered { client: next, secret: Some(secret) })
    }

    /// Ends older secrets at once, before their day is over.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn revoke_older(&self, by: &Hand, client: &Client) -> Result<Client, Refused> {
        let older =
            client.authentication.secrets().iter().any(|secret| secret.expires_at.is_some_and(|end| end > by.now));
        if !older {
            return Err(Refused::NoOlderSecret);
        }
        let authentication = client.authentication.clone().without_older();
        let next = Client { authentication, updated_at: by.now, ..client.clone() };
        let event = by.event(Action::ClientSecretRotated).detail(json!({ "older": "revoked" }));
        self.replace(client, &next, event).await?;
        Ok(next)
    }

    /// Puts a draft to use, stops a client with a note that members read, or lets it go on. Removal is asked for.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn step(
        &self,
        by: &Hand,
        client: &Client,
        step: LifeStep,
        note: Option<Bilingual>,
    ) -> Result<Client, Refused> {
        if step == LifeStep::Retire {
            return Err(Refused::CannotBeAsked);
        }
        let status = client.status.after(step)?;
        let short = |text: String| text.trim().chars().take(LONGEST_NOTE).collect::<String>();
        let notice = match step {
            LifeStep::Suspend => note.map(|note| Bilingual { th: short(note.th), en: short(note.en) }),
            _ => None,
        };
        let next = Client { status, notice, updated_at: by.now, ..client.clone() };
        let event = by
            .event(Action::ClientStateChanged)
            .detail(json!({ "from": client.status.as_str(), "to": status.as_str() }));
        self.replace(client, &next, event).await?;
        Ok(next)
    }

    /// Asks a second person for what takes two.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn ask(
        &self,
        by: &Hand,
        who: AccountId,
        client: &Client,
        (kind, reason): (ApprovalKind, &str),
    ) -> Result<Approval, Refused> {
        if !can_be_asked(client, kind) {
            return Err(Refused::CannotBeAsked);
        }
        if !is_person(self.store, who).await? {
            return Err(DecisionRefusal::NotVerified.into());
        }
        let reason = Reason::parse(reason)?;
        let approval = Approval {
            id: AccountId::make(self.chance).0,
            kind,
            subject: client.id.to_string(),
            asked_by: who,
            asked_at: by.now,
            reason: reason.as_str().to_owned(),
            payload: None,
            expires_at: by.now + APPROVAL_LIFETIME,
            state: ApprovalState::Open,
        };
        let event = by
            .event(Action::ApprovalAsked)
            .client(&client.id)
            .detail(json!({ "approval": approval.id, "kind": kind.as_str() }));
        match self.store.ask_approval(&approval, &[event]).await? {
            Asked::Open => Ok(approval),
            Asked::Waiting => Err(Refused::Waiting),
        }
    }

    /// A second person's answer; what it allows is done at once.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn decide(
        &self,
        by: &Hand,
        who: AccountId,
        approval: &Approval,
        client: &Client,
        decision: Decision,
    ) -> Result<Approval, Refused> {
        let people = two_people(self.store, approval, who).await?;
        approval.may_decide_so(who, decision, people, by.now)?;
        let id = approval.id;
        let detail = json!({ "approval": id, "kind": approval.kind.as_str(), "decision": decision.as_str() });
        let event = by.event(Action::ApprovalDecided).client(&client.id).detail(detail);
        let decided = match (decision, allowed(client, approval.kind)) {
            (Decision::Approved, Some(next)) => {
                let action = match approval.kind {
                    ApprovalKind::ClientRemoval => Action::ClientRemoved,
                    _ => Action::ClientChanged,
                };
                let next = Client { updated_at: by.now, ..next };
                let events = [event, by.event(action).client(&client.id).detail(json!({ "approval": id }))];
                self.store.approve_client(id, who, &next, client.updated_at, by.now, &events).await?
            }
            _ => self.store.decide_approval(id, who, decision, by.now, &[event]).await?,
        };
        match decided {
            Decided::Done(decided) => Ok(*decided),
            Decided::Refused => Err(Refused::Overtaken),
        }
    }

    /// Puts `next` in the place of `old`.
    async fn replace(&self, old: &Client, next: &Client, event: AuditEvent) -> Result<(), Refused> {
        match self.store.replace_client(next, old.updated_at, &[event.client(&next.id)]).await? {
            true => Ok(()),
            false => Err(Refused::Overtaken),
        }
    }
}

/// Whether it makes sense to ask for this.
pub fn can_be_asked(client: &Client, kind: ApprovalKind) -> bool {
    match kind {
        ApprovalKind::ClientCitizenId => {
            client.status != ClientStatus::Retired
                && !client.scopes.contains(Scope::CitizenId)
                && !client.redirect_uris.is_empty()
        }
        ApprovalKind::ClientRemoval => client.status != ClientStatus::Retired,
        ApprovalKind::BadgeWithdrawal => false,
    }
}

/// The client as it is once `kind` was approved.
fn allowed(client: &Client, kind: ApprovalKind) -> Option<Client> {
    match kind {
        ApprovalKind::ClientCitizenId => {
            let scopes: ScopeSet = client.scopes.iter().chain([Scope::CitizenId]).collect();
            Some(Client { scopes, ..client.clone() })
        }
        ApprovalKind::ClientRemoval => Some(client.clone().retired()),
        ApprovalKind::BadgeWithdrawal => None,
    }
}

/// The names of the settings that differ: the audit log says what was changed, the values are the client's own.
pub fn changed(old: &Client, next: &Client) -> Vec<String> {
    let object = |client| match serde_json::to_value(client) {
        Ok(serde_json::Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let (old, next) = (object(old), object(next));
    next.into_iter()
        .filter(|(name, value)| name != "updated_at" && old.get(name) != Some(value))
        .map(|(name, _)| name)
        .collect()
}
