//! How well the member must have authenticated: `acr_values` and `acr` in `claims` (OpenID Connect Core §5.5.1.1).

use idp_tests::{Answer, App, ISSUER};
use serde_json::json;

const AAL1: &str = "https://account.moc.go.th/acr/aal1";
const AAL2: &str = "https://account.moc.go.th/acr/aal2";

#[tokio::test]
async fn what_is_only_wished_for_is_told_truthfully_and_never_an_error() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    let wishes = [
        json!({ "id_token": { "acr": null } }),
        json!({ "id_token": { "acr": { "essential": true } } }),
        json!({ "id_token": { "acr": { "value": AAL1 } } }),
        json!({ "id_token": { "acr": { "values": ["urn:x", AAL1, AAL2] } } }),
        json!({ "userinfo": { "acr": { "essential": true, "value": AAL2 } } }),
    ];
    for wish in wishes {
        let tokens = rp.sign_in_with(&mut ana, rp.ask().with("claims", &wish.to_string())).await;
        assert_eq!(tokens.id.text("acr"), AAL1, "{wish}");
    }
    for values in ["1 2", &format!("{AAL1} {AAL2}"), ""] {
        let tokens = rp.sign_in_with(&mut ana, rp.ask().with("acr_values", values)).await;
        assert_eq!(tokens.id.text("acr"), AAL1, "{values}");
    }
}

#[tokio::test]
async fn an_essential_level_is_one_of_those_asked_for() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    for values in [json!([AAL1]), json!([AAL2, AAL1])] {
        let claims = json!({ "id_token": { "acr": { "essential": true, "values": values } } });
        let tokens = rp.sign_in_with(&mut ana, rp.ask().with("claims", &claims.to_string())).await;
        assert_eq!(tokens.id.text("acr"), AAL1);
    }
}

#[tokio::test]
async fn an_essential_level_that_nobody_reaches_here_is_refused_without_asking_for_a_password() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    for level in ["urn:mace:incommon:iap:silver", "aal1", "aal2"] {
        let claims = json!({ "id_token": { "acr": { "essential": true, "value": level } } });
        // The wish in claims is the more exact one.
        let ask = rp.ask().with("claims", &claims.to_string()).with("acr_values", AAL1);
        for prompt in ["", "none", "login"] {
            let ask = ask.clone().with("prompt", prompt);
            for browser in [&mut app.browser(), &mut ana.browser] {
                let page = app.unchanged(browser.get(&ask.path())).await;
                Answer::of(&page).expect_error("unmet_authentication_requirements", &ask, ISSUER);
            }
        }
    }
}
