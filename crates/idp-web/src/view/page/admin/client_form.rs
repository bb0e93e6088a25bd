//! The guided form for a client application.

use askama::Template;

use crate::view::{Console, FieldErrors, Shell, Text};

/// `POST` to `action` with the fields of [`ClientForm`]; a scope's box is `scope_…` = `yes`.
#[derive(Template)]
#[template(path = "admin/client_form.html")]
pub struct ClientFormPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// Where the form goes.
    pub action: String,
    /// The client that is changed; `None` for a new one.
    pub client_id: Option<String>,
    /// The departments that the reader may choose.
    pub departments: Vec<(&'static str, &'static str)>,
    /// The data that can be asked for.
    pub scopes: Vec<ScopeTick>,
    /// The events that can be asked for.
    pub events: Vec<ScopeTick>,
    /// The address of the logo that members see now.
    pub logo: Option<String>,
    /// What was typed comes from before its author proved again who they are.
    pub is_kept: bool,
    /// What was typed.
    pub form: ClientForm,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

impl ClientFormPage {
    /// Whether the settings for developers are unfolded: something is wrong there, or the kind needs them.
    fn shows_how(&self) -> bool {
        let faulty = self.errors.first_of(&["method", "jwks", "algorithm", "pkce_optional", "may_call"]).is_some();
        faulty || self.form.kind == "machine" || self.client_id.is_some()
    }
}

/// A scope to be ticked.
#[derive(Clone, Debug)]
pub struct ScopeTick {
    /// The box's name.
    pub name: &'static str,
    /// The words that members read.
    pub words: Text,
    /// Whether it is ticked.
    pub ticked: bool,
}

/// What was typed.
#[derive(Clone, Debug, Default)]
pub struct ClientForm {
    /// The name of the client that a new one becomes, signed: it is registered once. Empty where there is one.
    pub once: String,
    /// `web`, `single-page`, `native` or `machine`.
    pub kind: String,
    /// The name in Thai.
    pub name_th: String,
    /// The name in English.
    pub name_en: String,
    /// The department's word.
    pub department: String,
    /// The mailbox of who answers for it.
    pub owner: String,
    /// The mailbox of a deputy.
    pub deputy: String,
    /// What the data are for, in Thai.
    pub purpose_th: String,
    /// The same in English.
    pub purpose_en: String,
    /// The scopes that are ticked.
    pub scopes: Vec<&'static str>,
    /// One redirect URI a line.
    pub redirect_uris: String,
    /// One URI a line.
    pub post_logout_uris: String,
    /// One resource a line, with its scopes.
    pub may_call: String,
    /// `anyone` or `permanent-only`.
    pub membership: String,
    /// `ask` or `first-party`.
    pub consent: String,
    /// How it proves who it is.
    pub method: String,
    /// Its public keys.
    pub jwks: String,
    /// Or where they are.
    pub jwks_uri: String,
    /// How ID tokens are signed.
    pub algorithm: String,
    /// Whether it may do without PKCE.
    pub pkce_optional: bool,
    /// Where it hears of signing out.
    pub backchannel: String,
    /// The events that are ticked.
    pub events: Vec<&'static str>,
    /// Where they are posted.
    pub events_push: String,
    /// Its own privacy notice.
    pub policy_uri: String,
}
