//! The door to `webauthn-rs`: nothing else names it. What the library leaves to its caller is checked here: `id` is
//! `rawId`, the user handle is the owner's, the question was asked of this account, and no frame of another site answers.

use idp_core::id::AccountId;
use idp_core::passkey::{CredentialId, CredentialState, Passkey};
use idp_core::secret::{base64url, from_base64url};
use idp_core::session::AuthenticationMethod;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey as Key, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// What people see their passkey is for.
const RP_NAME: &str = "MOC Account";

/// How a session by passkey came about (`amr`): possession of a key, of which nothing is attested; a person who was there;
/// and, since the authenticator looked at them (PIN or body), two factors. See decision 0019.
pub const METHODS: [AuthenticationMethod; 3] =
    [AuthenticationMethod::Pop, AuthenticationMethod::User, AuthenticationMethod::Mfa];

/// Web Authentication for one issuer: its host is the RP ID, its origin the only one.
#[derive(Clone)]
pub struct Door(Webauthn);

/// A question that waits for its answer.
#[derive(Serialize, Deserialize)]
pub enum Ceremony {
    /// Who is there? Any passkey answers.
    SignIn(Box<DiscoverableAuthentication>),
    /// Is it really this member? One of their passkeys answers.
    Prove(AccountId, Box<DiscoverableAuthentication>),
    /// A new passkey for this member.
    Add(AccountId, Box<PasskeyRegistration>),
}

/// A question: what the browser is given, and what waits here.
pub struct Question {
    /// Options for `navigator.credentials`, as JSON.
    pub options: String,
    /// The challenge within them, which the answer names.
    pub challenge: String,
    /// What waits.
    pub ceremony: Ceremony,
}

/// Why an answer proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be read.
    Unreadable,
    /// Nothing waits for it in this browser: too late, answered before, or asked of somebody else.
    NotAsked,
    /// Nobody here has this credential.
    Unknown,
    /// It is not its owner who is named.
    NotTheOwner,
    /// What was signed is not what was asked, or not by this key, or nobody was looked at.
    NotProven,
    /// The signature counter went back: there may be a copy of the key.
    CounterBack,
}

impl Refusal {
    /// The word in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::NotAsked => "not_asked",
            Self::Unknown => "unknown",
            Self::NotTheOwner => "not_the_owner",
            Self::NotProven => "not_proven",
            Self::CounterBack => "counter_back",
        }
    }
}

impl From<WebauthnError> for Refusal {
    fn from(error: WebauthnError) -> Self {
        match error {
            WebauthnError::CredentialPossibleCompromise => Self::CounterBack,
            _ => Self::NotProven,
        }
    }
}

/// A member who proved to be there, by which passkey, and what that changed about it. Nothing but [`Door::prove`] makes
/// one, and nothing but starting a session consumes it: a proof cannot be forgotten, and a failed one is no value.
#[must_use = "a proof that nobody looks at has proven nothing"]
pub struct Proven {
    passkey: Passkey,
    state: CredentialState,
}

impl Proven {
    /// By which passkey, as it was before.
    pub fn passkey(&self) -> &Passkey {
        &self.passkey
    }

    /// What is to be written about it.
    pub fn state(&self) -> &CredentialState {
        &self.state
    }
}

/// What is kept of a new passkey.
#[must_use = "a passkey that is not kept opens nothing"]
pub struct Added {
    /// Its identifier at the authenticator.
    pub credential_id: CredentialId,
    /// Its key and counter.
    pub state: CredentialState,
}

/// Part of what the browser signed (Web Authentication Level 3 §5.8.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    challenge: String,
    #[serde(default)]
    cross_origin: bool,
    #[serde(default)]
    top_origin: Option<String>,
}

impl ClientData {
    /// The challenge, when nothing speaks of a frame in another site's page.
    fn challenge(json: &[u8]) -> Result<String, Refusal> {
        let data: Self = serde_json::from_slice(json).map_err(|_| Refusal::Unreadable)?;
        if data.cross_origin || data.top_origin.is_some() {
            return Err(Refusal::NotProven);
        }
        // Written anew, so that one challenge has one name.
        let bytes = from_base64url(&data.challenge).filter(|bytes| bytes.len() == 32).ok_or(Refusal::Unreadable)?;
        Ok(base64url(&bytes))
    }
}

/// The id and its second writing are the same, and it is a public key (§7.1, §7.2; a library that looks at one of them
/// and a program that looks at the other see two credentials).
fn one_id(id: &str, raw_id: &[u8], kind: &str) -> Result<CredentialId, Refusal> {
    if id != base64url(raw_id) || kind != "public-key" {
        return Err(Refusal::Unreadable);
    }
    CredentialId::new(raw_id).ok_or(Refusal::Unreadable)
}

/// Whether what an authenticator says of a use has the length its flags announce (§6.1): hash, flags and counter; beyond
/// them extensions, where it says so, and never a credential. The library reads what it knows and leaves the rest.
fn is_whole(data: &[u8]) -> bool {
    const PLAIN: usize = 37;
    const CREDENTIAL: u8 = 0x40;
    const EXTENSIONS: u8 = 0x80;
    let Some(flags) = data.get(32) else { return false };
    let more = data.len() > PLAIN;
    data.len() >= PLAIN && flags & CREDENTIAL == 0 && (flags & EXTENSIONS != 0) == more
}

/// The answer of somebody who signs in or proves to be there, read and not yet believed.
pub struct Assertion {
    credential: PublicKeyCredential,
    /// The credential it says to be of.
    pub credential_id: CredentialId,
    /// The challenge it says to answer.
    pub challenge: String,
}

impl Assertion {
    /// Reads what the browser sent.
    ///
    /// # Errors
    /// [`Refusal::Unreadable`], or that it was given in a frame of another site.
    pub fn read(json: &str) -> Result<Self, Refusal> {
        let credential: PublicKeyCredential = serde_json::from_str(json).map_err(|_| Refusal::Unreadable)?;
        let credential_id = one_id(&credential.id, &credential.raw_id, &credential.type_)?;
        let challenge = ClientData::challenge(&credential.response.client_data_json)?;
        if !is_whole(&credential.response.authenticator_data) {
            return Err(Refusal::Unreadable);
        }
        Ok(Self { credential, credential_id, challenge })
    }

    /// Whether it names this account; `otherwise` when it names none.
    fn names(&self, account: AccountId, otherwise: bool) -> bool {
        self.credential.response.user_handle.as_ref().map_or(otherwise, |handle| handle == account.0.as_bytes())
    }
}

/// A new credential, read and not yet believed.
pub struct NewKey {
    credential: RegisterPublicKeyCredential,
    credential_id: CredentialId,
    /// The challenge it says to answer.
    pub challenge: String,
}

impl NewKey {
    /// Reads what the browser sent.
    ///
    /// # Errors
    /// As [`Assertion::read`].
    pub fn read(json: &str) -> Result<Self, Refusal> {
        let credential: RegisterPublicKeyCredential = serde_json::from_str(json).map_err(|_| Refusal::Unreadable)?;
        let credential_id = one_id(&credential.id, &credential.raw_id, &credential.type_)?;
        let challenge = ClientData::challenge(&credential.response.client_data_json)?;
        Ok(Self { credential, credential_id, challenge })
    }
}

impl Door {
    /// For an issuer; `None` when it names its host by a number, for which browsers have no passkeys.
    pub fn new(issuer: &str) -> Option<Self> {
        let origin = Url::parse(issuer).ok()?;
        let host = origin.domain()?.to_owned();
        // No sub-domain and no other port: both are off unless asked for.
        let built = WebauthnBuilder::new(&host, &origin).ok()?.rp_name(RP_NAME).build().ok()?;
        Some(Self(built))
    }

    /// Asks for a passkey of whoever is there.
    ///
    /// # Errors
    /// [`Refusal::NotProven`] when the library cannot ask.
    pub fn ask_anybody(&self) -> Result<Question, Refusal> {
        let (options, state) = self.0.start_discoverable_authentication()?;
        let challenge = base64url(&options.public_key.challenge);
        let options = json!({ "publicKey": options.public_key });
        Ok(Question { options: options.to_string(), challenge, ceremony: Ceremony::SignIn(Box::new(state)) })
    }

    /// Asks for one of a member's own passkeys.
    ///
    /// # Errors
    /// As [`Door::ask_anybody`].
    pub fn ask(&self, account: AccountId, passkeys: &[Passkey]) -> Result<Question, Refusal> {
        let (options, state) = self.0.start_discoverable_authentication()?;
        let challenge = base64url(&options.public_key.challenge);
        let mut options = json!({ "publicKey": options.public_key });
        let id = |passkey: &Passkey| json!({ "type": "public-key", "id": base64url(passkey.credential_id.as_bytes()) });
        options["publicKey"]["allowCredentials"] = passkeys.iter().map(id).collect::<Value>();
        let ceremony = Ceremony::Prove(account, Box::new(state));
        Ok(Question { options: options.to_string(), challenge, ceremony })
    }

    /// Asks for a new passkey, which the authenticator keeps together with whose it is.
    ///
    /// # Errors
    /// As [`Door::ask_anybody`].
    pub fn ask_for_new(
        &self,
        account: AccountId,
        user_name: &str,
        display_name: &str,
        passkeys: &[Passkey],
    ) -> Result<Question, Refusal> {
        let there = passkeys.iter().map(|passkey| passkey.credential_id.as_bytes().to_vec()).collect();
        let (options, state) = self.0.start_passkey_registration(account.0, user_name, display_name, Some(there))?;
        let challenge = base64url(&options.public_key.challenge);
        let mut options = json!({ "publicKey": options.public_key });
        // The library leaves it to the authenticator; here it is needed, since nobody types an address.
        let selection = &mut options["publicKey"]["authenticatorSelection"];
        selection["residentKey"] = json!("required");
        selection["requireResidentKey"] = json!(true);
        let ceremony = Ceremony::Add(account, Box::new(state));
        Ok(Question { options: options.to_string(), challenge, ceremony })
    }

    /// Judges an answer by the passkey it names (Web Authentication Level 3 §7.2).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn prove(&self, ceremony: Ceremony, answer: &Assertion, passkey: Passkey) -> Result<Proven, Refusal> {
        // Steps 5 and 6: whoever was asked is the owner, and a user handle names nobody else. Where nobody was asked by
        // name, it has to be there.
        let (state, owner) = match ceremony {
            Ceremony::SignIn(state) => (state, answer.names(passkey.account_id, false)),
            Ceremony::Prove(asked, state) => {
                (state, asked == passkey.account_id && answer.names(passkey.account_id, true))
            }
            Ceremony::Add(..) => return Err(Refusal::NotAsked),
        };
        if !owner || answer.credential_id != passkey.credential_id {
            return Err(Refusal::NotTheOwner);
        }
        let mut key: Key = serde_json::from_str(&passkey.state.key).map_err(|_| Refusal::Unknown)?;
        let result = self.0.finish_discoverable_authentication_v2(&answer.credential, *state, &key)?;
        // The library has asked for it; a proof of two factors rests on it.
        if !result.user_verified() || key.update_credential(&result).is_none() {
            return Err(Refusal::NotProven);
        }
        let state = CredentialState { key: text(&key), counter: result.counter(), backed_up: result.backup_state() };
        Ok(Proven { passkey, state })
    }

    /// Judges a new credential of `account` (Web Authentication Level 3 §7.1). Who made the authenticator is not asked.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn added(&self, ceremony: Ceremony, answer: &NewKey, account: AccountId) -> Result<Added, Refusal> {
        let state = match ceremony {
            Ceremony::Add(asked, state) if asked == account => state,
            Ceremony::Add(..) => return Err(Refusal::NotTheOwner),
            Ceremony::SignIn(_) | Ceremony::Prove(..) => return Err(Refusal::NotAsked),
        };
        let key = self.0.finish_passkey_registration(&answer.credential, &state)?;
        // What the authenticator signed names the credential; the browser's word is beside it.
        if key.cred_id().as_slice() != answer.credential_id.as_bytes() {
            return Err(Refusal::NotProven);
        }
        let key = text(&key);
        let facts: KeyFacts = serde_json::from_str(&key).map_err(|_| Refusal::NotProven)?;
        let state = CredentialState { key, counter: facts.cred.counter, backed_up: facts.cred.backup_state };
        Ok(Added { credential_id: answer.credential_id.clone(), state })
    }
}

/// What the library keeps to itself.
#[derive(Deserialize)]
struct KeyFacts {
    cred: KeyCounter,
}

#[derive(Deserialize)]
struct KeyCounter {
    counter: u32,
    backup_state: bool,
}

fn text(key: &Key) -> String {
    serde_json::to_string(key).expect("keys have text for names")
}
