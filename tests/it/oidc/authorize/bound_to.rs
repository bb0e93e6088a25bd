//! For whom the tokens of an authorization are, and whose: `resource` (RFC 8707) and `dpop_jkt` (RFC 9449 §10).

use idp_core::jose::Algorithm;
use idp_tests::{Answer, App, Ask, Client, ISSUER, Member, Prover, Reply, decoded_part};
use serde_json::json;

use super::super::client_credentials::{TRADE, resource};
use super::par::pushed;

fn fields<'a>(ask: &'a Ask, code: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", ask.get("redirect_uri").unwrap()),
        ("code_verifier", &ask.verifier),
    ]
}

/// Exchanges the code of `asked`, which stands for `ask`, with a proof by `prover`.
async fn exchange(rp: &Client, member: &mut Member, (asked, ask): (&Ask, &Ask), prover: &Prover) -> Reply {
    let code = Answer::of(&member.browser.get(&asked.path()).await).code().to_owned();
    prover.token(rp, &fields(ask, &code)).await
}

#[tokio::test]
async fn an_access_token_is_for_the_resource_that_was_asked_for_and_for_userinfo() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let _api = resource(&app).await;
    let rp = app.client("rp").with(|draft| draft.resources = vec![(TRADE.to_owned(), Vec::new())]).await;
    let ask = rp.ask().with("resource", TRADE);
    let code = rp.authorize(&mut ana, &ask).await.code().to_owned();
    let tokens = rp.exchange(&ask, &code).await.expect(200).json();
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(decoded_part(access, 1)["aud"], json!([TRADE, ISSUER]));
    rp.userinfo(access).await.expect(200);
    // Pushed as well.
    let by_par = pushed(&rp, &ask).await;
    let answer = Answer::of(&ana.browser.get(&by_par.path()).await);
    let tokens = rp.exchange(&ask, answer.code()).await.expect(200).json();
    assert_eq!(decoded_part(tokens["access_token"].as_str().unwrap(), 1)["aud"], json!([TRADE, ISSUER]));
}

#[tokio::test]
async fn a_resource_that_the_client_may_not_call_is_an_invalid_target() {
    let app = App::start().await;
    let _api = resource(&app).await;
    let rp = app.client("rp").await;
    for unknown in [TRADE, "https://elsewhere.test", "urn:x", "/relative", "https://a.test#f", "x y"] {
        let ask = rp.ask().with("resource", unknown);
        let page = app.unchanged(app.browser().get(&ask.path())).await;
        Answer::of(&page).expect_error("invalid_target", &ask, ISSUER);
    }
}

#[tokio::test]
async fn a_code_bound_to_a_key_is_redeemed_by_its_holder_alone() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    let (holder, thief) = (app.prover(Algorithm::ES256), app.prover(Algorithm::ES256));
    let ask = rp.ask().with("dpop_jkt", &holder.thumbprint());
    let stolen = exchange(&rp, &mut ana, (&ask, &ask), &thief).await;
    stolen.expect_token_error("invalid_grant");
    let reply = exchange(&rp, &mut ana, (&ask, &ask), &holder).await.expect(200);
    assert_eq!(reply.json()["token_type"], "DPoP");
    let code = Answer::of(&ana.browser.get(&ask.path()).await).code().to_owned();
    rp.token(&fields(&ask, &code)).await.expect_token_error("invalid_grant");
    for wrong in ["x", &"A".repeat(44), "ก"] {
        let ask = rp.ask().with("dpop_jkt", wrong);
        let page = app.unchanged(ana.browser.get(&ask.path())).await;
        Answer::of(&page).expect_error("invalid_request", &ask, ISSUER);
    }
}

#[tokio::test]
async fn a_proof_beside_a_pushed_request_binds_the_code_to_its_key() {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").await;
    rp.sign_in(&mut ana).await;
    let (holder, thief) = (app.prover(Algorithm::ES256), app.prover(Algorithm::ES256));
    let ask = rp.ask();
    let all: Vec<(&str, &str)> = ask.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let carried = async |fields: &[(&str, &str)]| {
        let reply = rp.call("/par", fields, &[("dpop", &holder.proof("POST", "/par", None))]).await.expect(201);
        let uri = reply.json()["request_uri"].as_str().unwrap().to_owned();
        Ask {
            parameters: vec![("client_id".into(), "rp".into()), ("request_uri".into(), uri)],
            verifier: String::new(),
        }
    };
    let asked = carried(&all).await;
    exchange(&rp, &mut ana, (&asked, &ask), &thief).await.expect_token_error("invalid_grant");
    let asked = carried(&all).await;
    exchange(&rp, &mut ana, (&asked, &ask), &holder).await.expect(200);
    // The two ways must not disagree, and a proof for another endpoint is none.
    let mut both = all.clone();
    let other = thief.thumbprint();
    both.push(("dpop_jkt", &other));
    let proof = holder.proof("POST", "/par", None);
    rp.call("/par", &both, &[("dpop", &proof)]).await.expect_token_error("invalid_dpop_proof");
    let elsewhere = holder.proof("POST", "/token", None);
    rp.call("/par", &all, &[("dpop", &elsewhere)]).await.expect_token_error("invalid_dpop_proof");
}
