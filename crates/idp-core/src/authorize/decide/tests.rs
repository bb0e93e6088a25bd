//! The scene of an authorization, and each fact that changes what comes next.

use std::cell::RefCell;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::RawRequest;
use super::*;
use crate::account::{
    AboutMe, Account, Badge, MemberType, Membership, PersonnelType, Profile, Sex, Standing, VerificationMethod,
};
use crate::claim::ClaimSet;
use crate::client::{Bilingual, ClientDraft, ClientKind, PkcePolicy, RedirectUri};
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
            about: AboutMe::default(),
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

// RFC 8252 §8.6: another app of the device may take a custom scheme or a loopback port.
#[test]
fn an_app_that_cannot_be_told_from_another_is_asked_about_each_time() {
    let check = |kind, uris: &[&str], consent, expected: Option<ErrorCode>| {
        let mut scene = Scene::new();
        scene.client.kind = kind;
        scene.client.consent = consent;
        scene.client.redirect_uris = uris.iter().map(|uri| RedirectUri::parse(uri).unwrap()).collect();
        let asked = matches!(scene.asks(""), Next::Consent(_));
        assert_eq!(asked, expected.is_some(), "{kind:?} {uris:?} {consent:?}");
        assert_eq!(refused(scene.asks("prompt=none")), expected, "{kind:?} {uris:?} {consent:?}");
        // Answered on the way: not again.
        scene.consented = scene.consented.map(|(scopes, _)| (scopes, scene.now));
        assert!(matches!(scene.asks(""), Next::Issue(_)), "{kind:?} {uris:?} {consent:?}");
    };
    use ConsentPolicy::{Ask, FirstParty};
    let required = Some(ErrorCode::ConsentRequired);
    for consent in [Ask, FirstParty] {
        check(ClientKind::Native, &["th.go.moc.app:/cb"], consent, required);
        check(ClientKind::Native, &["http://127.0.0.1/cb"], consent, required);
        check(ClientKind::Native, &["https://app.example/cb", "http://[::1]/cb"], consent, required);
        check(ClientKind::Native, &["https://app.example/cb"], consent, None);
        check(ClientKind::Web, &["https://app.example/cb"], consent, None);
        check(ClientKind::SinglePage, &["https://app.example/cb"], consent, None);
    }
}

// OpenID Connect Core §5.5.1: a claim without a value names no level, and takes nothing away from `acr_values`.
#[test]
fn acr_in_claims_without_a_value_leaves_acr_values_as_they_are() {
    let aal2 = Acr::Aal2.as_str();
    for wish in ["null", r#"{"essential":true}"#, r#"{"essential":false}"#] {
        let json = format!(r#"{{"id_token":{{"acr":{wish}}}}}"#);
        let claims: String = url::form_urlencoded::byte_serialize(json.as_bytes()).collect();
        let next = Scene::new().asks(&format!("acr_values={aal2}&claims={claims}"));
        assert_eq!(next, Next::StepUp(Acr::Aal2), "{wish}");
    }
}

#[test]
fn a_trial_is_for_the_official_who_began_it_and_for_a_while() {
    let mut scene = Scene::new();
    let trial = |by, until| Some(crate::client::Trial { of: scene.client.id.clone(), by, until });
    let (now, official) = (scene.now, scene.account.id);
    let (own, others, over) = (
        trial(official, now + TimeDelta::minutes(1)),
        trial(AccountId(uuid::Uuid::max()), now + TimeDelta::minutes(1)),
        trial(official, now),
    );
    scene.client.trial = own;
    assert!(matches!(scene.asks(""), Next::Issue(_)));
    scene.signed_in = false;
    assert_eq!(scene.asks(""), Next::SignIn(SignInReason::NoSession));
    scene.signed_in = true;
    for trial in [others, over] {
        scene.client.trial = trial;
        assert_eq!(refused(scene.asks("")), Some(ErrorCode::AccessDenied));
    }
}
