//! The demo's mailbox: every mail the provider sent, to whomever, on one page.

mod folder;

mod links;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    middleware::from_fn,
    response::Response,
    routing::get,
};
use chrono::{DateTime, Utc};
use idp_core::thai::time;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::error;

pub use folder::{Mail, MailFolder, MailLine};

use self::links::Piece;
use super::page::{self, Speaks, Words};
use crate::{
    assets,
    view::{Lang, text},
};

/// Serves the mailbox on `listener` until `stop`.
pub async fn serve(listener: TcpListener, folder: MailFolder, stop: CancellationToken) {
    let served = axum::serve(listener, router(folder)).with_graceful_shutdown(async move { stop.cancelled().await });
    if let Err(error) = served.await {
        error!("the demo mailbox ended: {error}");
    }
}

/// `/` lists the mails, newest first; `/mail/{id}` shows one.
pub fn router(folder: MailFolder) -> Router {
    Router::new()
        .route("/", get(list))
        .route("/mail/{id}", get(show))
        .route("/mail/{id}/html", get(show_html))
        .fallback(missing)
        .layer(from_fn(page::remember_language))
        .with_state(Arc::new(folder))
        .merge(assets::routes())
}

async fn list(State(folder): State<Arc<MailFolder>>, Speaks(lang): Speaks) -> Response {
    match folder.newest_first().await {
        Ok(mails) => {
            let mails = mails.into_iter().map(|mail| Row::of(lang, mail)).collect();
            page::answer(StatusCode::OK, &ListPage { words: Words(lang), lang, mails }, "form-action 'none'")
        }
        Err(error) => unreadable(lang, &error),
    }
}

async fn show(State(folder): State<Arc<MailFolder>>, Speaks(lang): Speaks, Path(id): Path<String>) -> Response {
    match folder.read(&id).await {
        Ok(Some(mail)) => {
            let (pieces, when) = (links::pieces(&mail.text), moment(lang, mail.received_at));
            let subject_html = text::to_html(&mail.subject);
            let page = MailPage { words: Words(lang), lang, mail: &mail, subject_html, pieces, when };
            page::answer(StatusCode::OK, &page, "frame-src 'self'; form-action 'none'")
        }
        Ok(None) => missing(Speaks(lang)).await,
        Err(error) => unreadable(lang, &error),
    }
}

/// The HTML part alone, for the frame: whatever a mail holds, it runs no script, loads nothing and sends no form.
async fn show_html(State(folder): State<Arc<MailFolder>>, Speaks(lang): Speaks, Path(id): Path<String>) -> Response {
    const POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
                          style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'";
    match folder.read(&id).await {
        Ok(Some(Mail { html: Some(html), .. })) => page::html(StatusCode::OK, links::opening_elsewhere(&html), POLICY),
        Ok(_) => missing(Speaks(lang)).await,
        Err(error) => unreadable(lang, &error),
    }
}

async fn missing(Speaks(lang): Speaks) -> Response {
    let page = TroublePage { words: Words(lang), lang, said: Words(lang).say("demo-mailbox-missing") };
    page::answer(StatusCode::NOT_FOUND, &page, "form-action 'none'")
}

fn unreadable(lang: Lang, error: &std::io::Error) -> Response {
    error!("the demo mailbox cannot be read: {error}");
    let page = TroublePage { words: Words(lang), lang, said: Words(lang).say("demo-mailbox-unreadable") };
    page::answer(StatusCode::INTERNAL_SERVER_ERROR, &page, "form-action 'none'")
}

fn moment(lang: Lang, at: DateTime<Utc>) -> String {
    match lang {
        Lang::Th => format!("{} {}", time::date_thai(at), time::clock_thai(at)),
        Lang::En => format!("{}, {}", time::date_english(at), time::clock_english(at)),
    }
}

struct Row {
    mail: MailLine,
    subject_html: String,
    when: String,
}

impl Row {
    fn of(lang: Lang, mail: MailLine) -> Row {
        Row { when: moment(lang, mail.received_at), subject_html: text::to_html(&mail.subject), mail }
    }
}

#[derive(Template)]
#[template(path = "demo/mailbox_list.html")]
struct ListPage {
    words: Words,
    lang: Lang,
    mails: Vec<Row>,
}

#[derive(Template)]
#[template(path = "demo/mailbox_mail.html")]
struct MailPage<'a> {
    words: Words,
    lang: Lang,
    mail: &'a Mail,
    subject_html: String,
    pieces: Vec<Piece<'a>>,
    when: String,
}

#[derive(Template)]
#[template(path = "demo/mailbox_trouble.html")]
struct TroublePage {
    words: Words,
    lang: Lang,
    said: &'static str,
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    use super::*;
    use crate::{
        demo::Surroundings,
        mail::{Letter, Mailer, Sender},
    };

    async fn get_page(router: &Router, path: &str) -> (StatusCode, String, String) {
        let response = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status();
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, policy, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_mail_is_listed_and_shown_with_links_to_click() {
        let home = tempfile::tempdir().unwrap();
        let folder = MailFolder::open(home.path(), Surroundings::still()).unwrap();
        let mailer = Mailer::file(home.path().join("out"), &Sender::sample()).unwrap();
        let with_link = |letter: &&Letter| matches!(letter, Letter::AlreadyMember { .. });
        let mail = Letter::samples().iter().find(with_link).unwrap().compose(Lang::Th, &Sender::sample());
        let id = uuid::Uuid::from_u128(1);
        mailer.send(id, "somchai@mail.example", &mail, DateTime::UNIX_EPOCH).await.unwrap();
        folder.keep(&std::fs::read(home.path().join(format!("out/{id}.eml"))).unwrap()).await.unwrap();

        let router = router(folder.clone());
        let (status, _, body) = get_page(&router, "/").await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.contains("ด้วยอีเมลของท่าน") && body.contains("somchai@mail.example"), "{body}");
        assert!(!body.contains("demo-mailbox-"), "every word is in the locale files: {body}");

        let id = folder.newest_first().await.unwrap()[0].id.clone();
        let (status, _, body) = get_page(&router, &format!("/mail/{id}?lang=en")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.contains("<a href=\"http://localhost:8080/login\""), "{body}");
        assert!(!body.contains("demo-mailbox-"), "{body}");

        let (_, policy, body) = get_page(&router, &format!("/mail/{id}/html")).await;
        assert!(policy.starts_with("sandbox allow-popups") && body.contains("<base target=\"_blank\""));
    }

    #[tokio::test]
    async fn what_is_not_a_mail_is_not_found() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("secret.eml"), "Subject: secret\r\n\r\nsecret").unwrap();
        let folder = MailFolder::open(home.path().join("mails"), Surroundings::still()).unwrap();
        let router = router(folder);
        for path in ["/mail/1-2", "/mail/..%2Fsecret", "/mail/%2e%2e%2fsecret", "/mail/x/html", "/nothing"] {
            let (status, _, body) = get_page(&router, path).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
            assert!(body.contains("href=\"/\""), "{path}: names a next step");
        }
    }
}
