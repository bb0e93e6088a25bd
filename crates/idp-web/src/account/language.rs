//! `/language`: switches and remembers.

use axum::extract::State;
use axum::response::Response;

use crate::admin::paths;
use crate::admin::routes::addresses;
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
    let mut response = visitor.go(own_path(&app, form.field("return_to")));
    visitor.jar.write(response.headers_mut(), Cookie::Language, lang.tag());
    Ok(response)
}

/// A path of ours, or home. Not a judgement of "is this URL local": only paths of pages that can be read again pass, with
/// a query that holds nothing but our own parameters. The page of a sign-out alone has the parameters of the service that
/// asked for it.
fn own_path<'t>(app: &App, text: &'t str) -> &'t str {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let known = [
        urls::LOGIN,
        urls::LOGIN_SECOND,
        urls::RECOVER,
        urls::REGISTER,
        urls::REGISTER_TERMS,
        urls::REGISTER_EMAIL,
        urls::REGISTER_CODE,
        urls::REGISTER_DETAILS,
        urls::WELCOME,
        urls::VERIFY,
        urls::VERIFY_PUBLIC,
        urls::VERIFY_STAFF,
        urls::VERIFY_THAID,
        urls::VERIFY_MAILBOX,
        urls::VERIFY_CODE,
        urls::VERIFY_RENEW,
        urls::VERIFY_DONE,
        urls::CONSENT,
        urls::ACCEPT,
        urls::DEVICE,
        urls::DEVICE_CONFIRM,
        urls::PROFILE,
        urls::SERVICES,
        urls::HISTORY,
        urls::DATA,
        urls::DATA_ALL,
        urls::DATA_SEEN,
        urls::EDIT,
        urls::ABOUT,
        urls::SECURITY,
        urls::PASSKEYS,
        urls::PASSWORD,
        urls::EMAIL,
        urls::RESTRICT,
        urls::DELETE,
        urls::SIGN_OUT,
        urls::LOGOUT,
        urls::NOT_ME,
        urls::TERMS,
        urls::PRIVACY,
    ];
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"=&-_.".contains(&b);
    // As a service writes them: escaped, but for what a query may hold as it is (RFC 3986 §3.4).
    let escaped = |b: u8| plain(b) || b"%+~:/?@!$'()*,;".contains(&b);
    let fits = query.bytes().all(|b| if path == urls::LOGOUT { escaped(b) } else { plain(b) });
    if fits && (known.contains(&path) || is_page_of_the_console(app, path)) { text } else { urls::HOME }
}

/// Whether a path is that of a page of the console, by the console's own table.
fn is_page_of_the_console(app: &App, path: &str) -> bool {
    let plain = path.starts_with(paths::HOME)
        && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.".contains(&b))
        && !path.contains("//");
    plain && addresses(app).iter().any(|address| address.method == "GET" && address.is_at(path))
}
