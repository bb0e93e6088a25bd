//! `/language`: switches and remembers.

use axum::extract::State;
use axum::response::Response;

use crate::error::AppError;
use crate::extract::{Cookie, Posted};
use crate::state::App;
use crate::urls;
use crate::view::lang::Lang;

/// POST.
pub async fn post(State(app): State<App>, form: Posted) -> Result<Response, AppError> {
    let lang = Lang::from_tag(form.field("lang")).unwrap_or_default();
    let visitor = &form.visitor;
    if let Some(member) = &visitor.member {
        app.store.set_language(member.account.account.id, lang.tag()).await?;
    }
    let mut response = visitor.go(own_path(form.field("return_to")));
    visitor.jar.write(response.headers_mut(), Cookie::Language, lang.tag());
    Ok(response)
}

/// A path of ours, or home. Not a judgement of "is this URL local": only paths of pages that can be read again pass, with
/// a query that holds nothing but our own parameters.
fn own_path(text: &str) -> &str {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let known = [
        urls::LOGIN,
        urls::REGISTER,
        urls::REGISTER_TERMS,
        urls::REGISTER_EMAIL,
        urls::REGISTER_CODE,
        urls::REGISTER_DETAILS,
        urls::WELCOME,
        urls::VERIFY,
        urls::VERIFY_PUBLIC,
        urls::VERIFY_STAFF,
        urls::VERIFY_MAILBOX,
        urls::VERIFY_CODE,
        urls::VERIFY_DONE,
        urls::CONSENT,
        urls::PROFILE,
        urls::DELETE,
        urls::SIGN_OUT,
        urls::NOT_ME,
        urls::TERMS,
        urls::PRIVACY,
    ];
    let plain = query.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'=' | b'&' | b'-' | b'_'));
    if known.contains(&path) && plain { text } else { urls::HOME }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_our_own_pages_are_returned_to() {
        assert_eq!(own_path("/login?request=abc_-"), "/login?request=abc_-");
        for evil in ["//evil", "/\\evil", "/%5cevil", "/%09/evil", "https:evil", "/login?x=//e", "/nowhere", ""] {
            assert_eq!(own_path(evil), "/", "{evil}");
        }
    }
}
