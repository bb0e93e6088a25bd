//! What comes next, from facts alone. No page knows which page comes next; each question below is one small check.

use super::situation::Hint;
use super::{AuthorizationRequest, ErrorCode, ProtocolError, SignedIn, Situation};
use crate::account::Access;
use crate::client::{ConsentPolicy, MembershipPolicy};
use crate::scope::{Scope, ScopeSet};

/// The next step of an authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The person signs in, anew or for the first time.
    SignIn(SignInReason),
    /// The member proves who they are before this goes on.
    Verify(VerifyReason),
    /// The member is asked about these scopes.
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
        Next::Verify(VerifyReason::PermanentOnly) => {
            refuse(ErrorCode::InteractionRequired, "the member must verify their identity first")
        }
        Next::Verify(VerifyReason::MembershipEnded) => refuse(ErrorCode::AccessDenied, "the membership has ended"),
        Next::Consent(_) => refuse(ErrorCode::ConsentRequired, "the member has not agreed yet"),
        Next::Issue(_) | Next::Refuse(_) => next,
    }
}

fn ask(request: &AuthorizationRequest, situation: &Situation<'_>) -> Next {
    let Some(signed_in) = situation.signed_in else { return Next::SignIn(SignInReason::NoSession) };
    if let Some(reason) = needs_sign_in(request, situation, signed_in) {
        return Next::SignIn(reason);
    }
    match signed_in.account.access(situation.now) {
        Access::Full => {}
        Access::VerifyOrDelete => return Next::Verify(VerifyReason::MembershipEnded),
        Access::KeepOrLeave => return refuse(ErrorCode::AccessDenied, "the account is being deleted"),
        Access::Barred => return refuse(ErrorCode::AccessDenied, "the account is suspended"),
    }
    if situation.client.membership == MembershipPolicy::PermanentOnly && signed_in.account.badge().is_none() {
        return Next::Verify(VerifyReason::PermanentOnly);
    }
    let scopes = grantable(request.scopes, signed_in);
    let unasked = needs_consent(request, situation, scopes);
    if unasked.is_empty() { Next::Issue(scopes) } else { Next::Consent(unasked) }
}

/// Whether the person must sign in although somebody is signed in. What was asked for is measured against the moment
/// the request came in, so that reading the consent page for long does not ask for the password twice.
fn needs_sign_in(
    request: &AuthorizationRequest,
    situation: &Situation<'_>,
    signed_in: SignedIn<'_>,
) -> Option<SignInReason> {
    let authenticated_at = signed_in.session.authenticated_at;
    let made_for_this = authenticated_at >= situation.began_at;
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

/// The scopes the member has to be asked about: all of them when any is new, so that one page tells the whole story.
fn needs_consent(request: &AuthorizationRequest, situation: &Situation<'_>, scopes: ScopeSet) -> ScopeSet {
    let askable = match situation.client.consent {
        ConsentPolicy::Ask => scopes.without(ScopeSet::from_iter([Scope::OpenId])),
        // The ministry's own service is not asked about, but for the number.
        ConsentPolicy::FirstParty => scopes.intersect(ScopeSet::from_iter([Scope::CitizenId])),
    };
    let answered = situation.consented.is_some_and(|(_, at)| at >= situation.began_at);
    if request.prompt.consent && !answered {
        return scopes;
    }
    let remembered = situation.consented.map_or(ScopeSet::NONE, |(scopes, _)| scopes);
    if remembered.covers(askable) { ScopeSet::NONE } else { askable }
}

fn refuse(code: ErrorCode, description: &'static str) -> Next {
    Next::Refuse(ProtocolError::new(code, description))
}
