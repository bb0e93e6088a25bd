//! Consent: asked once, remembered, withdrawn, never taken from a form.

use axum::body::Body;
use axum::http::{Method, header};
use chrono::TimeDelta;
use idp_core::id::ClientId;
use idp_tests::{Answer, App, Ask, FORM, Form, Member, Page, encoded};

async fn asked(member: &mut Member, ask: &Ask) -> Page {
    let page = member.browser.get(&ask.path()).await;
    assert_eq!((page.place(), page.away.as_deref()), ("/consent", None), "{}", page.html);
    page
}

async fn agree(member: &mut Member, page: &Page) -> Answer {
    Answer::of(&member.browser.submit(page.form("/consent").with("decision", "allow")).await)
}

#[tokio::test]
async fn consent_is_asked_once_and_remembered() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let page = asked(&mut ana, &rp.ask()).await;
    agree(&mut ana, &page).await.code();
    for scope in [rp.scope.as_str(), "openid email", "openid"] {
        let answer = rp.ask_silently(&mut ana.browser).await;
        assert_eq!(answer.error(), "", "{scope}");
    }
    // In another browser and on another day as well.
    app.advance(TimeDelta::days(1));
    let mut elsewhere = ana.elsewhere();
    let page = elsewhere.browser.get(&rp.ask().path()).await;
    Answer::of(&elsewhere.sign_in_at(&page).await).code();
}

#[tokio::test]
async fn the_page_says_who_asks_for_what_and_with_which_values() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let page = asked(&mut ana, &rp.ask()).await;
    for words in ["บริการทดสอบ", "กรมทดสอบ", "ana@mail.example", "สมหญิง ทดสอบระบบ", "ร้านตัวอย่าง", "081"]
    {
        assert!(page.text("main").contains(words), "{words}");
    }
    let page = asked(&mut ana, &rp.ask().with("scope", "openid email")).await;
    assert!(page.text("main").contains("ana@mail.example") && !page.text("main").contains("สมหญิง"));
    assert!(page.has("button#allow") && page.has("button#deny"));
}

#[tokio::test]
async fn a_wider_request_asks_again_and_tells_the_whole_story() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let page = asked(&mut ana, &rp.ask().with("scope", "openid email")).await;
    agree(&mut ana, &page).await.code();
    let wider = rp.ask().with("scope", "openid email phone");
    let page = asked(&mut ana, &wider).await;
    assert_eq!(page.texts(".asked li").len(), 2);
    let answer = agree(&mut ana, &page).await;
    let tokens = rp.read(rp.exchange(&wider, answer.code()).await.expect(200), wider.get("nonce")).await;
    assert_eq!(tokens.scope, "openid email phone");
    // What was agreed to before is not forgotten.
    rp.sign_in_with(&mut ana, rp.ask().with("scope", "openid email").with("prompt", "none")).await;
}

#[tokio::test]
async fn not_agreeing_is_access_denied_and_leaves_nothing() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    for decision in ["deny", "", "ALLOW", "allow "] {
        let ask = rp.ask();
        let page = asked(&mut ana, &ask).await;
        let form = page.form("/consent").with("decision", decision);
        let page = app.unchanged(ana.browser.submit(form)).await;
        Answer::of(&page).expect_error("access_denied", &ask, app.issuer());
    }
    let ask = rp.ask();
    let page = asked(&mut ana, &ask).await;
    let page = app.unchanged(ana.browser.submit(page.form("/consent").without("decision"))).await;
    Answer::of(&page).expect_error("access_denied", &ask, app.issuer());
    asked(&mut ana, &rp.ask()).await;
}

#[tokio::test]
async fn a_first_party_service_does_not_ask() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("own").first_party().await;
    assert_eq!(rp.ask_silently(&mut ana.browser).await.error(), "");
    let tokens = rp.sign_in(&mut ana).await;
    assert_eq!(rp.claims(&tokens).await["email"], "ana@mail.example");
}

#[tokio::test]
async fn the_number_is_asked_for_even_by_a_first_party_service() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("own").first_party().citizen_id().await;
    let ask = rp.ask();
    let silent = Answer::of(&ana.browser.get(&ask.clone().with("prompt", "none").path()).await);
    silent.expect_error("consent_required", &ask, app.issuer());
    let page = asked(&mut ana, &ask).await;
    assert!(!page.html.contains("1000000000017"), "masked on the page");
    let answer = agree(&mut ana, &page).await;
    let tokens = rp.read(rp.exchange(&ask, answer.code()).await.expect(200), ask.get("nonce")).await;
    assert_eq!(rp.claims(&tokens).await["citizen_id"], "1000000000017");
}

#[tokio::test]
async fn a_withdrawn_consent_ends_what_it_gave_and_is_asked_for_again() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let other = app.client("other").await;
    let (tokens, others) = (rp.sign_in(&mut ana).await, other.sign_in(&mut ana).await);
    let ask = rp.ask();
    let waiting = rp.authorize(&mut ana, &ask).await;
    let page = ana.browser.get("/profile/services").await;
    let forms = page.forms().into_iter().filter(|form| form.action == "/profile/services/withdraw");
    let form = forms.into_iter().find(|form| form.value("client_id") == "rp").expect("the service is listed");
    ana.browser.submit(form).await;
    rp.userinfo(&tokens.access).await.expect(401);
    rp.refresh(&tokens.refresh, None).await.expect_token_error("invalid_grant");
    rp.exchange(&ask, waiting.code()).await.expect_token_error("invalid_grant");
    other.userinfo(&others.access).await.expect(200);
    asked(&mut ana, &rp.ask()).await;
}

#[tokio::test]
async fn s028_an_answer_is_taken_once() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let page = asked(&mut ana, &rp.ask()).await;
    let form = page.form("/consent").with("decision", "allow");
    Answer::of(&ana.browser.submit(form.clone()).await).code();
    for decision in ["allow", "deny"] {
        let page = app.unchanged(ana.browser.submit(form.clone().with("decision", decision))).await;
        page.expect_error(400, "request_expired");
    }
}

#[tokio::test]
async fn s028_scopes_come_from_the_request_and_never_from_the_form() {
    let app = App::start().await;
    let mut ana = app.insert_permanent("ana").await;
    let rp = app.client("rp").citizen_id().await;
    let ask = rp.ask().with("scope", "openid email");
    let page = asked(&mut ana, &ask).await;
    let form = page
        .form("/consent")
        .with("decision", "allow")
        .with("shown", "openid email citizen_id phone")
        .with("scope", "openid email citizen_id")
        .with("scopes", "citizen_id")
        .with("client_id", "other")
        .with("account_id", "00000000-0000-0000-0000-000000000000");
    let answer = Answer::of(&ana.browser.submit(form).await);
    let tokens = rp.read(rp.exchange(&ask, answer.code()).await.expect(200), ask.get("nonce")).await;
    assert_eq!(tokens.scope, "openid email");
    let consent = app.store.consent(ana.id, &ClientId::parse("rp").unwrap()).await.unwrap().unwrap();
    assert_eq!(consent.scopes.to_string(), "openid email");
}

#[tokio::test]
async fn s028_nobody_answers_for_somebody_else() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut bo = app.insert_member("bo").await;
    let rp = app.client("rp").await;
    let anas = asked(&mut ana, &rp.ask()).await.form("/consent").with("decision", "allow");
    let bos = asked(&mut bo, &rp.ask()).await.form("/consent").with("decision", "allow");
    // Bo sends Ana's form; then Bo's own form with the name of Ana's request.
    app.unchanged(bo.browser.submit(anas.clone())).await.expect_error(403, "form_expired");
    let crossed = bos.with("request", anas.value("request"));
    app.unchanged(bo.browser.submit(crossed)).await.expect_error(400, "request_expired");
}

#[tokio::test]
async fn s028_a_form_without_its_token_or_from_elsewhere_is_refused() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let form = asked(&mut ana, &rp.ask()).await.form("/consent").with("decision", "allow");
    for bad in [form.clone().without("csrf"), form.clone().with("csrf", ""), form.clone().with("csrf", "A")] {
        app.unchanged(ana.browser.submit(bad)).await.expect_error(403, "form_expired");
    }
    let last = form.value("csrf").chars().last().unwrap();
    let flipped = format!("{}{}", &form.value("csrf")[..42], if last == 'A' { 'Q' } else { 'A' });
    app.unchanged(ana.browser.submit(form.clone().with("csrf", &flipped))).await.expect_error(403, "form_expired");
    for headers in [
        [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")],
        [("origin", "null"), ("sec-fetch-site", "same-origin")],
        [("origin", "http://localhost:8081"), ("sec-fetch-site", "same-site")],
        [("origin", app.issuer()), ("sec-fetch-site", "cross-site")],
    ] {
        let mut request = ana.browser.request(Method::POST, "/consent").header(header::CONTENT_TYPE, FORM);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(body(&form))).unwrap();
        app.unchanged(app.send(request)).await.expect(403);
    }
    // Another media type cannot be sent across sites without a question, and a GET is none at all.
    for kind in ["text/plain", "application/json", "multipart/form-data; boundary=x"] {
        let request = ana.browser.request(Method::POST, "/consent").header(header::CONTENT_TYPE, kind);
        app.unchanged(app.send(request.body(Body::from(body(&form))).unwrap())).await.expect(415);
    }
    let page = app.unchanged(ana.browser.get(&format!("/consent?{}", body(&form)))).await;
    assert_eq!(page.away, None);
    agree_with(&mut ana, form).await;
}

fn body(form: &Form) -> String {
    encoded(&form.fields)
}

async fn agree_with(member: &mut Member, form: Form) {
    Answer::of(&member.browser.submit(form).await).code();
}

#[tokio::test]
async fn consent_after_the_session_ended_leads_to_the_sign_in_page() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let page = asked(&mut ana, &rp.ask()).await;
    app.advance(TimeDelta::minutes(31));
    let again = app.unchanged(ana.browser.submit(page.form("/consent").with("decision", "allow"))).await;
    // The form was made in the session; the page that it came from can be opened anew.
    again.expect_error(403, "form_expired");
    let page = ana.browser.get(&page.path).await;
    assert_eq!(page.place(), "/login");
    let page = ana.sign_in_at(&page).await;
    assert_eq!(page.place(), "/consent");
    agree(&mut ana, &page).await.code();
}

#[tokio::test]
async fn what_is_agreed_to_was_on_the_page() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").citizen_id().await;
    let ask = rp.ask();
    let page = asked(&mut ana, &ask).await;
    assert!(!page.form("/consent").value("shown").contains("citizen_id"));
    // Verified in another tab: the number could be given now, but nobody has read about it.
    app.promote(&ana).await;
    let again = ana.browser.submit(page.form("/consent").with("decision", "allow")).await;
    again.expect_at("/consent");
    let consent = app.store.consent(ana.id, &ClientId::parse("rp").unwrap()).await.unwrap().unwrap();
    assert!(!consent.scopes.to_string().contains("citizen_id"));
    let answer = agree(&mut ana, &again).await;
    let tokens = rp.read(rp.exchange(&ask, answer.code()).await.expect(200), ask.get("nonce")).await;
    assert!(tokens.scope.contains("citizen_id"));
}

#[tokio::test]
async fn a_service_that_does_not_ask_is_listed_and_can_be_unlinked() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let mut rp = app.client("own").first_party().await;
    let tokens = rp.sign_in(&mut ana).await;
    let page = ana.browser.get("/profile/services").await;
    assert!(page.text("#services").contains("จึงไม่ได้ขอความยินยอม"), "{}", page.text("#services"));
    ana.browser.submit(page.form("/profile/services/withdraw")).await;
    rp.userinfo(&tokens.access).await.expect(401);
    assert!(!ana.browser.get("/profile/services").await.has("#services form"));
    // It is linked again by being used; what was never agreed to is asked about once the service has to ask.
    rp.sign_in(&mut ana).await;
    assert!(ana.browser.get("/profile/services").await.has("#services form"));
    rp.change(|client| client.consent = idp_core::client::ConsentPolicy::Ask).await;
    let page = asked(&mut ana, &rp.ask()).await;
    assert!(!page.has(".asked .tag"), "nothing was agreed to before");
    agree(&mut ana, &page).await.code();
    let listed = ana.browser.get("/profile/services").await.text("#services");
    assert!(!listed.contains("จึงไม่ได้ขอความยินยอม"), "{listed}");
}

#[tokio::test]
async fn a_service_that_learns_nothing_is_listed_as_such() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in_with(&mut ana, rp.ask().with("scope", "openid")).await;
    let listed = ana.browser.get("/profile/services").await.text("#services");
    assert!(listed.contains("ไม่ได้รับข้อมูลส่วนบุคคลของท่าน"), "{listed}");
    // More is asked about as ever.
    asked(&mut ana, &rp.ask()).await;
}

/// RFC 8252 §8.6: another app may have taken the scheme or the port.
#[tokio::test]
async fn a_native_app_is_asked_about_each_time_and_gets_nothing_silently() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("app").native().await;
    for _ in 0..2 {
        let page = asked(&mut ana, &rp.ask()).await;
        agree(&mut ana, &page).await.code();
        app.advance(TimeDelta::seconds(1));
        assert_eq!(rp.ask_silently(&mut ana.browser).await.error(), "consent_required");
    }
}
