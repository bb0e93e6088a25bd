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
    if situation.client.is_over(situation.now) {
        return refuse(ErrorCode::AccessDenied, "the trial is over");
    }
    let Some(signed_in) = situation.signed_in else { return Next::SignIn(SignInReason::NoSession) };
    if !situation.client.is_for(signed_in.account.id, situation.now) {
        return refuse(ErrorCode::AccessDenied, "a trial is for the official who began it");
    }
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
    // RFC 8252 §8.6: who is behind a custom scheme or a loopback port cannot be known, so what was agreed to with the app
    // before is not what whoever asks now gets without a question.
    if (request.prompt.consent || !situation.client.is_assured()) && !answered {
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
pub(super) mod tests;
