//! S136: a signing key that others may know is taken out of use by command, beside two running programs.

use idp_tests::{decoded_part, servers, soon};

use super::Site;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s136_a_key_retired_by_command_is_refused_by_every_program_within_a_minute() {
    let site = Site::on_postgres(servers::postgres().empty_database()).await;
    let app = site.app().await;
    let rp = app.client("rp").await;
    let mut ana = app.insert_member("ana").await;
    let tokens = rp.sign_in(&mut ana).await;
    app.store.close().await;
    let (first, at_first) = site.serve(&app).await;
    let (second, at_second) = site.serve_twice(&app).await;
    let nodes = [rp.at(&at_first), rp.at(&at_second)];
    for rp in &nodes {
        rp.userinfo(&tokens.access).await.expect(200);
    }
    let kid = decoded_part(&tokens.access, 0)["kid"].as_str().unwrap().to_owned();
    site.trial.idp(&["keys", "retire", &kid, "--now"]).await.well();
    for rp in &nodes {
        // Half a minute is all that is waited.
        soon("its tokens are refused", async || rp.userinfo(&tokens.access).await.status == 401).await;
        soon("it is published no more", async || !rp.app().get("/jwks.json").await.body.contains(&kid)).await;
        // The member is still who they were: what the service holds beside the access token goes on.
    }
    let renewed = nodes[1].refresh(&tokens.refresh, None).await.expect(200).json();
    let renewed = renewed["access_token"].as_str().unwrap();
    assert_ne!(decoded_part(renewed, 0)["kid"], kid.as_str());
    for rp in &nodes {
        soon("every program knows the other key", async || rp.userinfo(renewed).await.status == 200).await;
    }
    first.kill().await;
    second.kill().await;
}
