//! An authorization request of a client, and what came back.

use std::collections::BTreeMap;

use url::form_urlencoded;

use crate::Page;
use crate::reply::encoded;

/// An authorization request, and what the client keeps to itself meanwhile.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The parameters, in order.
    pub parameters: Vec<(String, String)>,
    /// The PKCE verifier.
    pub verifier: String,
}

impl Ask {
    /// Sets a parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match self.parameters.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.parameters.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Leaves parameters out.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.parameters.retain(|(name, _)| !names.contains(&name.as_str()));
        self
    }

    /// A parameter's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The parameters, encoded.
    pub fn query(&self) -> String {
        encoded(&self.parameters)
    }

    /// The request as a path of the provider.
    pub fn path(&self) -> String {
        format!("/authorize?{}", self.query())
    }
}

/// What came back to the client: parameters, and where and how.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The redirect URI without what was added.
    pub address: String,
    /// Whether it travelled in a form.
    pub is_form: bool,
    /// The parameters; those in a signed answer among them.
    pub parameters: BTreeMap<String, String>,
    /// The signed answer (JARM), as it came: its signature is not checked here.
    pub signed: Option<String>,
}

impl Answer {
    /// Reads the answer from where the browser ended.
    #[track_caller]
    pub fn of(page: &Page) -> Self {
        if let Some(away) = &page.away {
            assert_eq!(page.status, 303);
            let (address, query) = away.split_once(['?', '#']).unwrap_or((away, ""));
            assert!(!query.contains('#'), "in the query or in the fragment");
            let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            let parameters: BTreeMap<_, _> = pairs.iter().cloned().collect();
            assert_eq!(parameters.len(), pairs.len(), "a parameter is repeated");
            return Self { address: address.to_owned(), is_form: false, parameters, signed: None }.opened();
        }
        let form = page.forms().into_iter().find(|form| form.action.contains("://") || form.action.contains(":/"));
        let form =
            form.unwrap_or_else(|| panic!("no answer, but {} {}: {}", page.status, page.path, page.text("main")));
        assert!(form.is_post && !form.action.contains('?'));
        let parameters = form.fields.into_iter().collect();
        Self { address: form.action, is_form: true, parameters, signed: None }.opened()
    }

    /// A signed answer gives its members; an encrypted one keeps them to itself.
    fn opened(mut self) -> Self {
        let Some(response) = self.parameters.get("response").filter(|response| response.split('.').count() == 3) else {
            return self;
        };
        assert_eq!(self.parameters.len(), 1, "nothing stands beside a signed answer");
        let response = response.clone();
        let claims = crate::decoded_part(&response, 1);
        let members = claims.as_object().expect("claims").iter();
        let text = members.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        self.parameters = text.filter(|(name, _)| name != "aud").collect();
        self.signed = Some(response);
        self
    }

    /// A parameter; empty when it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// The code.
    #[track_caller]
    pub fn code(&self) -> &str {
        assert!(self.parameters.contains_key("code"), "{:?}", self.parameters);
        self.get("code")
    }

    /// The error.
    pub fn error(&self) -> &str {
        self.get("error")
    }

    /// Fails unless it is this error, as RFC 6749 §4.1.2.1 and RFC 9207 have it.
    #[track_caller]
    pub fn expect_error(&self, error: &str, ask: &Ask, issuer: &str) {
        assert_eq!(self.error(), error, "{:?}", self.parameters);
        assert_eq!(self.get("state"), ask.get("state").unwrap_or_default());
        assert_eq!(self.get("iss"), issuer);
        let known = ["error", "error_description", "state", "iss"];
        assert!(self.parameters.keys().all(|name| known.contains(&name.as_str())), "{:?}", self.parameters);
        let legal = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(self.get("error_description").bytes().all(legal));
    }
}
