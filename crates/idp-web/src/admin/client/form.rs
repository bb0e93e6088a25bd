//! The guided form: what was typed becomes a draft, judged by the same core as the command line and programs that register
//! themselves.

use chrono::{DateTime, Utc};
use idp_core::admin::Department;
use idp_core::client::{
    Bilingual, Client, ClientDraft, ClientKind, ConsentPolicy, EventFeedDraft, EventKind, MembershipPolicy, PkcePolicy,
    Stewards,
};
use idp_core::jose::Algorithm;
use idp_core::scope::{Scope, ScopeSet};
use idp_core::secret::Secret;

use super::words;
use crate::admin::OnDuty;
use crate::clients::{ClientDesk, Fault};
use crate::extract::Posted;
use crate::view::field::FieldErrors;
use crate::view::page::admin::ClientForm;
use crate::view::text::Text;

/// The scopes to be ticked. `openid` is there in any case, and the 13-digit number takes two people.
pub(super) const OFFERED: [Scope; 5] =
    [Scope::Membership, Scope::Profile, Scope::Email, Scope::Phone, Scope::Organization];

/// What was typed.
pub(super) fn typed(form: &Posted) -> ClientForm {
    read(|name| form.field(name))
}

/// The same, kept while its author proved again who they are.
pub(super) fn kept(fields: &[(String, String)]) -> ClientForm {
    read(|name| fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str()))
}

fn read<'f>(field: impl Fn(&str) -> &'f str) -> ClientForm {
    let text = |name| field(name).trim().to_owned();
    let is_ticked = |name| field(name) == "yes";
    ClientForm {
        once: text("once"),
        kind: text("kind"),
        name_th: text("name_th"),
        name_en: text("name_en"),
        department: text("department"),
        owner: text("owner"),
        deputy: text("deputy"),
        purpose_th: text("purpose_th"),
        purpose_en: text("purpose_en"),
        scopes: OFFERED.into_iter().filter(|scope| is_ticked(tick(*scope))).map(Scope::as_str).collect(),
        redirect_uris: text("redirect_uris"),
        post_logout_uris: text("post_logout_uris"),
        may_call: text("may_call"),
        membership: text("membership"),
        consent: text("consent"),
        method: text("method"),
        jwks: text("jwks"),
        jwks_uri: text("jwks_uri"),
        algorithm: text("algorithm"),
        pkce_optional: is_ticked("pkce_optional"),
        backchannel: text("backchannel"),
        policy_uri: text("policy_uri"),
        events: EventKind::ALL.into_iter().filter(|kind| is_ticked(event_tick(*kind))).map(EventKind::as_str).collect(),
        events_push: text("events_push"),
    }
}

/// The name of a scope's box.
pub(super) fn tick(scope: Scope) -> &'static str {
    match scope {
        Scope::OpenId => "scope_openid",
        Scope::Membership => "scope_membership",
        Scope::Profile => "scope_profile",
        Scope::Email => "scope_email",
        Scope::Phone => "scope_phone",
        Scope::Organization => "scope_organization",
        Scope::CitizenId => "scope_citizen_id",
    }
}

/// The name of an event's box.
pub(super) fn event_tick(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Registered => "event_registered",
        EventKind::Verified => "event_verified",
        EventKind::BadgeWithdrawn => "event_badge_withdrawn",
        EventKind::Suspended => "event_suspended",
        EventKind::Restored => "event_restored",
        EventKind::MembershipEnded => "event_membership_ended",
        EventKind::ClientChanged => "event_client_changed",
    }
}

/// The form before anything was typed: the safe choices.
pub(super) fn blank(duty: &OnDuty) -> ClientForm {
    let own = duty.staff.departments(duty.operation).and_then(|own| own.first().map(ToString::to_string));
    ClientForm {
        kind: "web".to_owned(),
        department: own.unwrap_or_default(),
        scopes: vec![Scope::Membership.as_str()],
        membership: "anyone".to_owned(),
        consent: "ask".to_owned(),
        method: "client_secret_basic".to_owned(),
        algorithm: Algorithm::ES256.as_str().to_owned(),
        ..ClientForm::default()
    }
}

/// The form as a client fills it in.
pub(super) fn filled(client: &Client) -> ClientForm {
    let draft = ClientDraft::of(client);
    let call = |(uri, scopes): &(String, Vec<String>)| format!("{uri} {}", scopes.join(" "));
    let is_machine = draft.redirect_uris.is_empty() && draft.client_credentials;
    ClientForm {
        once: String::new(),
        kind: match draft.kind {
            ClientKind::Web if is_machine => "machine",
            ClientKind::Web => "web",
            ClientKind::SinglePage => "single-page",
            ClientKind::Native => "native",
        }
        .to_owned(),
        name_th: draft.name.th,
        name_en: draft.name.en,
        department: draft.department.map(|department| department.to_string()).unwrap_or_default(),
        owner: draft.stewards.owner.unwrap_or_default(),
        deputy: draft.stewards.deputy.unwrap_or_default(),
        purpose_th: draft.purpose.th,
        purpose_en: draft.purpose.en,
        scopes: OFFERED.into_iter().filter(|scope| draft.scopes.contains(*scope)).map(Scope::as_str).collect(),
        redirect_uris: draft.redirect_uris.join("\n"),
        post_logout_uris: draft.post_logout_redirect_uris.join("\n"),
        may_call: draft.resources.iter().map(call).collect::<Vec<_>>().join("\n"),
        membership: if draft.membership == MembershipPolicy::Anyone { "anyone" } else { "permanent-only" }.to_owned(),
        consent: if draft.consent == ConsentPolicy::Ask { "ask" } else { "first-party" }.to_owned(),
        method: draft.authentication_method,
        jwks: draft.jwks.map(|jwks| jwks.to_string()).unwrap_or_default(),
        jwks_uri: draft.jwks_uri.unwrap_or_default(),
        algorithm: draft.id_token_algorithm.as_str().to_owned(),
        pkce_optional: draft.pkce == PkcePolicy::Optional,
        backchannel: draft.logout.back.unwrap_or_default(),
        policy_uri: draft.about.policy_uri.unwrap_or_default(),
        events: client.events.kinds.iter().map(|kind| kind.as_str()).collect(),
        events_push: draft.events.push.unwrap_or_default(),
    }
}

/// Adds what the core says of a draft to what is wrong with the form already: everything is told at once.
pub(super) fn judge(
    desk: &ClientDesk<'_>,
    draft: ClientDraft,
    had: Option<&Client>,
    errors: &mut FieldErrors,
    now: DateTime<Utc>,
) {
    if let Err(faults) = desk.judge(draft, had, &Secret::make(desk.chance), now) {
        tell(&faults, errors);
    }
}

/// Puts each fault to its field.
pub(super) fn tell(faults: &[Fault], errors: &mut FieldErrors) {
    for (field, text) in faults.iter().map(words::fault) {
        errors.add(field, text);
    }
}

/// The draft that the form asks for, begun from `begun`: a new draft, or an existing client taken apart.
pub(super) fn draft(duty: &OnDuty, form: &ClientForm, begun: ClientDraft, errors: &mut FieldErrors) -> ClientDraft {
    let lines = |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let is_machine = form.kind == "machine";
    let kind = match form.kind.as_str() {
        "web" | "machine" => ClientKind::Web,
        "single-page" => ClientKind::SinglePage,
        "native" => ClientKind::Native,
        _ => {
            errors.add("kind", Text::key("cli-bad-kind"));
            ClientKind::Web
        }
    };
    let department = Department::parse(&form.department).ok();
    // Nobody moves a client to where they could not have made it, nor makes one there (S085).
    if !duty.staff.may_for(duty.operation, department.as_ref()) {
        errors.add("department", Text::key("cli-bad-department"));
    }
    let owner = match department.as_ref().and_then(Department::names) {
        Some((th, en)) => Bilingual { th: th.to_owned(), en: en.to_owned() },
        None if department == begun.department => begun.owner.clone(),
        None => Bilingual { th: form.department.clone(), en: form.department.clone() },
    };
    // The number is not asked for in a form: whoever has it keeps it, and nobody gets it here.
    let kept = [Scope::OpenId]
        .into_iter()
        .chain([Scope::CitizenId].into_iter().filter(|_| begun.scopes.contains(Scope::CitizenId)));
    let scopes: ScopeSet = kept.chain(form.scopes.iter().filter_map(|scope| Scope::parse(scope))).collect();
    let jwks = given(&form.jwks).map(|text| {
        serde_json::from_str(&text).unwrap_or_else(|_| {
            errors.add("jwks", Text::key("cli-bad-keys"));
            serde_json::Value::Null
        })
    });
    let call = |line: String| {
        let mut words = line.split_whitespace().map(str::to_owned);
        (words.next().unwrap_or_default(), words.collect::<Vec<_>>())
    };
    let calls: Vec<String> = lines(&form.may_call);
    ClientDraft {
        name: Bilingual { th: form.name_th.clone(), en: form.name_en.clone() },
        owner,
        purpose: Bilingual { th: form.purpose_th.clone(), en: form.purpose_en.clone() },
        kind,
        // A program on somebody's device keeps no secret, whatever the form says.
        authentication_method: if kind == ClientKind::Web { form.method.clone() } else { "none".to_owned() },
        redirect_uris: if is_machine { Vec::new() } else { lines(&form.redirect_uris) },
        post_logout_redirect_uris: if is_machine { Vec::new() } else { lines(&form.post_logout_uris) },
        scopes,
        membership: match form.membership.as_str() {
            "permanent-only" => MembershipPolicy::PermanentOnly,
            _ => MembershipPolicy::Anyone,
        },
        consent: if form.consent == "first-party" { ConsentPolicy::FirstParty } else { ConsentPolicy::Ask },
        pkce: if form.pkce_optional { PkcePolicy::Optional } else { PkcePolicy::Required },
        id_token_algorithm: Algorithm::parse(&form.algorithm).unwrap_or_else(|| {
            errors.add("algorithm", Text::key("cli-bad-algorithm"));
            Algorithm::ES256
        }),
        client_credentials: is_machine || (begun.client_credentials && !calls.is_empty()),
        resources: calls.into_iter().map(call).collect(),
        jwks,
        jwks_uri: given(&form.jwks_uri),
        logout: idp_core::client::LogoutDraft { back: given(&form.backchannel), ..begun.logout.clone() },
        events: EventFeedDraft {
            kinds: form.events.iter().map(|&kind| kind.to_owned()).collect(),
            push: given(&form.events_push),
        },
        about: idp_core::client::AboutDraft { policy_uri: given(&form.policy_uri), ..begun.about.clone() },
        department,
        stewards: Stewards { owner: given(&form.owner), deputy: given(&form.deputy) },
        ..begun
    }
}
