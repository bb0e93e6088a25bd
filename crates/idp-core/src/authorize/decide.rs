//! What comes next, from facts alone. No page knows which page comes next; each question below is one small check.

use super::situation::Hint;
use super::{AcrWish, AuthorizationRequest, ErrorCode, ProtocolError, SignedIn, Situation};
use crate::account::Access;
use crate::claim::Release;
use crate::client::{Client, ConsentPolicy, MembershipPolicy};
use crate::scope::{Scope, ScopeSet};
use crate::session::Acr;

/// The next step of an authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The person signs in, anew or for the first time.
    SignIn(SignInReason),
    /// The member accepts terms or privacy notice, of which there is a new version.
    Documents,
    /// The member, signed in, proves more until this level is reached.
    StepUp(Acr),
    /// The member proves who they are before this goes on.
    Verify(VerifyReason),
    /// The member is asked about these scopes, and about the claims that the request names.
    Consent(ScopeSet),
    /// Everything is there: a code for these scopes.
    Issue(ScopeSet),
    /// The client hears why not.
    Refuse(ProtocolError),
}

/// Why the person must sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInReason {
    /// Nobody is signed in.
    NoSession,
    /// The client wants it anew (`prompt=login`), or the last time was too long ago (`max_age`).
    Again,
    /// The client wants somebody else: `id_token_hint` names another member, or `prompt=select_account`.
    SomebodyElse,
}

/// Why the member must verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyReason {
    /// The service takes permanent members only.
    PermanentOnly,
    /// The sixty days are over.
    MembershipEnded,
}

/// Decides. With `prompt=none` every question that only a person could answer becomes the error that says so.
pub fn decide(request: &AuthorizationRequest, situation: &Situation<'_>) -> Next {
    let next = ask(request, situation);
    if !request.prompt.none {
        return next;
    }
    // OpenID Connect Core §3.1.2.6.
    match next {
        Next::SignIn(_) => refuse(ErrorCode::LoginRequired, "nobody is signed in, or somebody else, or too long ago"),
        Next::Documents => {
            refuse(ErrorCode::InteractionRequired, "the member must accept a new version of the terms first")
        }
        Next::StepUp(_) => refuse(ErrorCode::LoginRequired, "the member must prove a second factor first"),
        Next::Verify(VerifyReason::PermanentOnly) => {
            refuse(ErrorCode::InteractionRequired, "the member must verify their identity first")
        }
        Next::Verify(VerifyReason::MembershipEnded) => refuse(ErrorCode::AccessDenied, "the membership has ended"),
        Next::Consent(_) => refuse(ErrorCode::ConsentRequired, "the member has not agreed yet"),
        Next::Issue(_) | Next::Refuse(_) => next,
    }
}

fn ask(request: &AuthorizationRequest, situation: &Situation<'_>) -> Next {
    let wanted = match wanted_level(request, situation.client) {
        Ok(wanted) => wanted,
        Err(error) => return Next::Refuse(error),
    };
    let Some(signed_in) = situation.signed_in else { return Next::SignIn(SignInReason::NoSession) };
    let made_for_this = signed_in.session.authenticated_at >= situation.began_at;
    if situation.hint == Hint::SomebodyElse && made_for_this {
        // They were asked, and are not the one the client named: asking again would never end.
        return refuse(ErrorCode::LoginRequired, "somebody else signed in than id_token_hint or sub names");
    }
    if let Some(reason) = needs_sign_in(request, situation, signed_in, made_for_this) {
        return Next::SignIn(reason);
    }
    match signed_in.account.access(situation.now) {
        Access::Full => {}
        Access::VerifyOrDelete => return Next::Verify(VerifyReason::MembershipEnded),
        Access::KeepOrLeave => return refuse(ErrorCode::AccessDenied, "the account rests or is being deleted"),
        Access::Barred => return refuse(ErrorCode::AccessDenied, "the account is suspended"),
    }
    if !situation.documents_accepted {
        return Next::Documents;
    }
    if situation.client.membership == MembershipPolicy::PermanentOnly && signed_in.account.badge().is_none() {
        return Next::Verify(VerifyReason::PermanentOnly);
    }
    if let Some(level) = wanted.filter(|level| signed_in.session.acr() < *level) {
        return Next::StepUp(level);
    }
    let scopes = grantable(request.scopes, signed_in);
    match needs_consent(request, situation, scopes) {
        None => Next::Issue(scopes),
        Some(unasked) => Next::Consent(unasked),
    }
}

/// OpenID Connect Core §5.5.1.1: an essential `acr` that cannot be met is an error, not a lower level.
const UNMET: ProtocolError = ProtocolError::new(
    ErrorCode::UnmetAuthenticationRequirements,
    "no authentication here reaches a level that acr in claims asks for",
);

/// The level to be reached before there is a code: what the service is set to, and what the request wants beyond it.
/// Nobody is asked for a password when no answer is possible.
fn wanted_level(request: &AuthorizationRequest, client: &Client) -> Result<Option<Acr>, ProtocolError> {
    let asked = match request.acr.as_ref().map(AcrWish::least) {
        Some(Some(None)) => return Err(UNMET),
        Some(Some(Some(level))) if !Acr::OFFERED.contains(&level) => return Err(UNMET),
        Some(Some(level)) => level,
        // What is only wished for is asked of a person who is there anyway, and of nobody who must not be disturbed.
        Some(None) if !request.prompt.none => request.acr.as_ref().and_then(AcrWish::favourite),
        Some(None) | None => None,
    };
    Ok(asked.max(client.least_acr))
}

/// Whether the person must sign in although somebody is signed in. What was asked for is measured against the moment
/// the request came in, so that reading the consent page for long does not ask for the password twice.
fn needs_sign_in(
    request: &AuthorizationRequest,
    situation: &Situation<'_>,
    signed_in: SignedIn<'_>,
    made_for_this: bool,
) -> Option<SignInReason> {
    let authenticated_at = signed_in.session.authenticated_at;
    if situation.hint == Hint::SomebodyElse {
        return Some(SignInReason::SomebodyElse);
    }
    if made_for_this {
        return None;
    }
    if request.prompt.login || request.max_age.is_some_and(|age| authenticated_at + age < situation.began_at) {
        return Some(SignInReason::Again);
    }
    request.prompt.select_account.then_some(SignInReason::SomebodyElse)
}

/// What can be granted at all: the 13-digit number needs the badge.
fn grantable(scopes: ScopeSet, signed_in: SignedIn<'_>) -> ScopeSet {
    match signed_in.account.badge() {
        Some(_) => scopes,
        None => scopes.without(ScopeSet::from_iter([Scope::CitizenId])),
    }
}

/// What the member has to be asked about: all of it when any is new, so that one page tells the whole story. `None` when
/// there is nothing to ask.
fn needs_consent(request: &AuthorizationRequest, situation: &Situation<'_>, scopes: ScopeSet) -> Option<ScopeSet> {
    let askable = match situation.client.consent {
        ConsentPolicy::Ask => Release {
            scopes: scopes.without(ScopeSet::from_iter([Scope::OpenId])),
            claims: request.named_claims(),
            resources: request.resources.askable(),
        },
        // The ministry's own service is not asked about, but for the number.
        ConsentPolicy::FirstParty => scopes.intersect(ScopeSet::from_iter([Scope::CitizenId])).into(),
    };
    let answered = situation.consented.is_some_and(|(_, at)| *at >= situation.began_at);
    if request.prompt.consent && !answered {
        return Some(scopes);
    }
    let covered = match situation.consented {
        Some((remembered, _)) => remembered.covers(&askable),
        None => askable.is_empty(),
    };
    (!covered).then_some(askable.scopes)
}

fn refuse(code: ErrorCode, description: &'static str) -> Next {
    Next::Refuse(ProtocolError::new(code, description))
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::RefCell;

    use chrono::{DateTime, TimeDelta, Utc};

    use super::super::RawRequest;
    use super::*;
    use crate::account::{
        Account, Badge, MemberType, Membership, PersonnelType, Profile, Sex, Standing, VerificationMethod,
    };
    use crate::claim::ClaimSet;
    use crate::client::{Bilingual, ClientDraft, PkcePolicy};
    use crate::email::EmailAddress;
    use crate::id::{AccountId, ClientId, SessionId};
    use crate::password::{HashCost, PasswordHash};
    use crate::secret::Secret;
    use crate::session::{AuthenticationMethod, Session};
    use crate::thai::{BuddhistDate, ThaiName, Title};

    /// A public sub, no PKCE, consent asked, every scope, no keys.
    pub(in super::super) fn client() -> Client {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let both = |text: &str| Bilingual { th: text.to_owned(), en: text.to_owned() };
        let draft = ClientDraft {
            name: both("rp"),
            owner: both("department"),
            purpose: both("test"),
            redirect_uris: vec!["https://rp.example/cb".to_owned()],
            scopes: Scope::ALL.into_iter().collect(),
            public_subject: true,
            pkce: PkcePolicy::Optional,
            ..ClientDraft::new(ClientId::parse("rp").unwrap())
        };
        draft.accept(&Secret::presented("secret"), now).unwrap()
    }

    /// A service asks, a temporary member is signed in since an hour and has agreed to everything but the number. Each
    /// test changes one fact.
    struct Scene {
        now: DateTime<Utc>,
        client: Client,
        account: Account,
        session: Session,
        signed_in: bool,
        consented: Option<(ScopeSet, DateTime<Utc>)>,
        claims: ClaimSet,
        hint: Hint,
        documents_accepted: bool,
        query: RefCell<String>,
    }

    impl Scene {
        fn new() -> Self {
            let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
            let client = client();
            let name = |text: &str| ThaiName::parse(text).unwrap();
            let account = Account {
                id: AccountId(uuid::Uuid::nil()),
                email: EmailAddress::parse("somchai@mail.example").unwrap(),
                email_confirmed_at: now,
                password: PasswordHash::of_nobody(HashCost::LEAST),
                member_type: MemberType::Public,
                profile: Profile {
                    title: Title::parse("นาย").unwrap(),
                    first_name: name("สมชาย"),
                    middle_name: None,
                    last_name: name("ใจดี"),
                    first_name_en: None,
                    last_name_en: None,
                    sex: Sex::Male,
                    birth_date: BuddhistDate::from_registry_form("25330520").unwrap(),
                    phone: None,
                    personnel_type: PersonnelType::Outside,
                    organization: "-".to_owned(),
                    department: "-".to_owned(),
                    position: "-".to_owned(),
                },
                membership: Membership::temporary(now, 60),
                standing: Standing::Active,
                language: None,
                registered_at: now,
                updated_at: now,
            };
            let hour_ago = now - TimeDelta::hours(1);
            let session = Session {
                id: SessionId(uuid::Uuid::nil()),
                cookie: Secret::presented("cookie").digest(),
                account_id: account.id,
                authenticated_at: hour_ago,
                methods: vec![AuthenticationMethod::Pwd],
                last_seen_at: now,
                device: String::new(),
                ended_at: None,
            };
            let scopes = Scope::ALL.into_iter().filter(|scope| *scope != Scope::CitizenId).collect();
            Self {
                now,
                client,
                account,
                session,
                signed_in: true,
                consented: Some((scopes, hour_ago)),
                claims: ClaimSet::NONE,
                hint: Hint::Absent,
                documents_accepted: true,
                query: RefCell::new("scope=openid+membership+profile".to_owned()),
            }
        }

        fn asks(&self, more: &str) -> Next {
            let query = format!("response_type=code&nonce=n&{}&{more}", self.query.borrow());
            let raw = RawRequest::parse(&[&query]).unwrap();
            let request = AuthorizationRequest::parse(&raw, &self.client).unwrap();
            let signed_in = self.signed_in.then_some(SignedIn { session: &self.session, account: &self.account });
            let release = |scopes| Release { scopes, claims: self.claims, ..Release::default() };
            let consented = self.consented.map(|(scopes, at)| (release(scopes), at));
            decide(
                &request,
                &Situation {
                    now: self.now,
                    began_at: self.now,
                    client: &self.client,
                    signed_in,
                    consented: consented.as_ref(),
                    hint: self.hint,
                    documents_accepted: self.documents_accepted,
                },
            )
        }

        fn verified(mut self) -> Self {
            let badge = Badge {
                method: VerificationMethod::CivilRegistry,
                ial: "1.2".to_owned(),
                reference: "r".to_owned(),
                at: self.now,
            };
            self.account.membership = Membership::Permanent { since: self.now, badge };
            self
        }
    }

    fn refused(next: Next) -> Option<ErrorCode> {
        match next {
            Next::Refuse(error) => Some(error.code),
            _ => None,
        }
    }

    #[test]
    fn everything_there_is_a_code() {
        assert_eq!(Scene::new().asks(""), Next::Issue(ScopeSet::parse("openid membership profile")));
    }

    #[test]
    fn nobody_signed_in_is_a_sign_in_or_login_required() {
        let scene = Scene { signed_in: false, ..Scene::new() };
        assert_eq!(scene.asks(""), Next::SignIn(SignInReason::NoSession));
        assert_eq!(refused(scene.asks("prompt=none")), Some(ErrorCode::LoginRequired));
    }

    #[test]
    fn a_new_version_of_the_documents_is_asked_about_first_and_silently_is_interaction_required() {
        let scene = Scene { documents_accepted: false, ..Scene::new() };
        assert_eq!(scene.asks(""), Next::Documents);
        assert_eq!(refused(scene.asks("prompt=none")), Some(ErrorCode::InteractionRequired));
        let nobody = Scene { documents_accepted: false, signed_in: false, ..Scene::new() };
        assert_eq!(nobody.asks(""), Next::SignIn(SignInReason::NoSession));
        let mut barred = Scene { documents_accepted: false, ..Scene::new() };
        barred.account.standing = Standing::Restricted { since: barred.now };
        assert_eq!(refused(barred.asks("")), Some(ErrorCode::AccessDenied), "whose account rests is asked nothing");
    }

    #[test]
    fn an_old_sign_in_is_not_enough_for_prompt_login_and_max_age() {
        let mut scene = Scene::new();
        assert_eq!(scene.asks("prompt=login"), Next::SignIn(SignInReason::Again));
        assert_eq!(scene.asks("max_age=0"), Next::SignIn(SignInReason::Again));
        assert_eq!(scene.asks("max_age=3599"), Next::SignIn(SignInReason::Again));
        assert_eq!(refused(scene.asks("max_age=3599&prompt=none")), Some(ErrorCode::LoginRequired));
        assert!(matches!(scene.asks("max_age=3600"), Next::Issue(_)));
        assert_eq!(scene.asks("prompt=select_account"), Next::SignIn(SignInReason::SomebodyElse));
        scene.session.authenticated_at = scene.now;
        for made_for_this in ["prompt=login", "max_age=0", "prompt=select_account"] {
            assert!(matches!(scene.asks(made_for_this), Next::Issue(_)), "{made_for_this}");
        }
    }

    #[test]
    fn a_hint_that_names_somebody_else_asks_for_them() {
        let scene = Scene { hint: Hint::SomebodyElse, ..Scene::new() };
        assert_eq!(scene.asks(""), Next::SignIn(SignInReason::SomebodyElse));
        assert_eq!(refused(scene.asks("prompt=none")), Some(ErrorCode::LoginRequired));
        let mut scene = scene;
        scene.session.authenticated_at = scene.now;
        assert_eq!(refused(scene.asks("")), Some(ErrorCode::LoginRequired), "they were asked already");
        let scene = Scene { hint: Hint::ThisMember, ..Scene::new() };
        assert!(matches!(scene.asks("prompt=none"), Next::Issue(_)));
    }

    #[test]
    fn a_new_scope_asks_about_the_whole() {
        let mut scene = Scene::new();
        scene.consented = Some((ScopeSet::parse("openid membership"), scene.now));
        assert_eq!(scene.asks(""), Next::Consent(ScopeSet::parse("membership profile")));
        assert_eq!(refused(scene.asks("prompt=none")), Some(ErrorCode::ConsentRequired));
        scene.consented = None;
        scene.query = RefCell::new("scope=openid".to_owned());
        assert_eq!(scene.asks(""), Next::Issue(ScopeSet::parse("openid")));
    }

    #[test]
    fn a_claim_by_name_needs_the_members_consent_too() {
        let mut scene = Scene::new();
        scene.query = RefCell::new("scope=openid".to_owned());
        scene.consented = Some((ScopeSet::parse("openid membership"), scene.now));
        let email = r#"claims=%7B%22userinfo%22:%7B%22email%22:null%7D%7D"#;
        assert_eq!(scene.asks(email), Next::Consent(ScopeSet::NONE));
        assert_eq!(refused(scene.asks(&format!("{email}&prompt=none"))), Some(ErrorCode::ConsentRequired));
        scene.claims = ClaimSet::from_iter([crate::claim::Claim::Email]);
        assert!(matches!(scene.asks(email), Next::Issue(_)));
        scene.claims = ClaimSet::NONE;
        scene.consented = Some((ScopeSet::parse("openid email"), scene.now));
        assert!(matches!(scene.asks(email), Next::Issue(_)), "the scope stands for it");
        scene.client.scopes = ScopeSet::parse("openid");
        scene.consented = None;
        assert!(matches!(scene.asks(email), Next::Issue(_)), "what the client may not ask for is left out");
    }

    #[test]
    fn an_essential_acr_that_cannot_be_reached_is_an_error_and_a_voluntary_one_is_not() {
        let scene = Scene::new();
        let claims = |acr: &str| {
            let json = format!(r#"{{"id_token":{{"acr":{acr}}}}}"#);
            format!("claims={}", url::form_urlencoded::byte_serialize(json.as_bytes()).collect::<String>())
        };
        let (aal1, aal2) = (Acr::Aal1.as_str(), Acr::Aal2.as_str());
        for met in [
            claims("null"),
            claims(r#"{"essential":true}"#),
            claims(&format!(r#"{{"essential":true,"values":["{aal2}","{aal1}"]}}"#)),
            format!("acr_values={aal1}+{aal2}"),
            "acr_values=1+2".to_owned(),
        ] {
            assert!(matches!(scene.asks(&met), Next::Issue(_)), "{met}");
        }
        let unmet = claims(r#"{"essential":true,"value":"urn:mace:incommon:iap:silver"}"#);
        for signed_in in [true, false] {
            let scene = Scene { signed_in, ..Scene::new() };
            assert_eq!(refused(scene.asks(&unmet)), Some(ErrorCode::UnmetAuthenticationRequirements));
        }
    }

    #[test]
    fn a_level_that_the_session_does_not_reach_is_a_step_up() {
        let aal2 = Acr::Aal2.as_str();
        let essential = url::form_urlencoded::byte_serialize(
            format!(r#"{{"id_token":{{"acr":{{"essential":true,"value":"{aal2}"}}}}}}"#).as_bytes(),
        )
        .collect::<String>();
        let mut scene = Scene::new();
        let wishes = [format!("acr_values={aal2}"), format!("claims={essential}")];
        for wish in &wishes {
            assert_eq!(scene.asks(wish), Next::StepUp(Acr::Aal2), "{wish}");
        }
        // Nobody is disturbed for a wish; what is essential is an error.
        assert!(matches!(scene.asks(&format!("{}&prompt=none", wishes[0])), Next::Issue(_)));
        assert_eq!(refused(scene.asks(&format!("{}&prompt=none", wishes[1]))), Some(ErrorCode::LoginRequired));
        scene.client.least_acr = Some(Acr::Aal2);
        for query in ["", "acr_values=1", "prompt=consent"] {
            assert_eq!(scene.asks(query), Next::StepUp(Acr::Aal2), "{query}");
        }
        assert_eq!(refused(scene.asks("prompt=none")), Some(ErrorCode::LoginRequired));
        scene.session.methods = vec![AuthenticationMethod::Pwd, AuthenticationMethod::Otp, AuthenticationMethod::Mfa];
        for wish in wishes.iter().map(String::as_str).chain(["", "prompt=none"]) {
            assert!(matches!(scene.asks(wish), Next::Issue(_)), "{wish}");
        }
    }

    #[test]
    fn prompt_consent_asks_once_even_the_ministrys_own_service() {
        let mut scene = Scene::new();
        assert!(matches!(scene.asks("prompt=consent"), Next::Consent(_)));
        scene.client.consent = ConsentPolicy::FirstParty;
        scene.consented = None;
        assert!(matches!(scene.asks(""), Next::Issue(_)));
        assert!(matches!(scene.asks("prompt=consent"), Next::Consent(_)));
        scene.consented = Some((ScopeSet::parse("openid membership profile"), scene.now));
        assert!(matches!(scene.asks("prompt=consent"), Next::Issue(_)));
    }

    #[test]
    fn the_number_needs_the_badge_and_always_a_consent() {
        let mut scene = Scene::new();
        scene.query = RefCell::new("scope=openid+citizen_id".to_owned());
        assert_eq!(scene.asks(""), Next::Issue(ScopeSet::parse("openid")));
        let mut scene = scene.verified();
        assert_eq!(scene.asks(""), Next::Consent(ScopeSet::parse("citizen_id")));
        scene.client.consent = ConsentPolicy::FirstParty;
        assert_eq!(scene.asks(""), Next::Consent(ScopeSet::parse("citizen_id")));
    }

    #[test]
    fn a_service_for_permanent_members_leads_to_verification() {
        let mut scene = Scene::new();
        scene.client.membership = MembershipPolicy::PermanentOnly;
        assert_eq!(scene.asks(""), Next::Verify(VerifyReason::PermanentOnly));
        assert_eq!(refused(scene.asks("prompt=none")), Some(ErrorCode::InteractionRequired));
        assert!(matches!(scene.verified().asks(""), Next::Issue(_)));
    }

    #[test]
    fn an_ended_membership_verifies_and_a_barred_account_is_refused() {
        let mut scene = Scene::new();
        scene.account.membership = Membership::Temporary { expires_at: scene.now - TimeDelta::milliseconds(1) };
        assert_eq!(scene.asks(""), Next::Verify(VerifyReason::MembershipEnded));
        assert_eq!(refused(scene.asks("prompt=none")), Some(ErrorCode::AccessDenied));
        let at = scene.now;
        for standing in [
            Standing::Suspended { since: at, why: String::new() },
            Standing::Frozen { since: at },
            Standing::Restricted { since: at },
            Standing::Deleting { erase_at: at },
        ] {
            scene.account.standing = standing;
            assert_eq!(refused(scene.asks("")), Some(ErrorCode::AccessDenied));
        }
    }

    #[test]
    fn what_the_client_may_not_ask_for_is_left_out() {
        let mut scene = Scene::new();
        scene.client.scopes = ScopeSet::parse("openid membership");
        assert_eq!(scene.asks(""), Next::Issue(ScopeSet::parse("openid membership")));
    }
}
