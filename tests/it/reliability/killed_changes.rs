//! S130: the program is killed in the middle of giving a badge, of changing a client, of making its tables.

use std::time::Duration;

use idp_core::id::ClientId;
use idp_core::secret::Secret;
use idp_tests::{filled_card, servers, soon};
use idp_verify::registry::{Outcome, citizens};
use sea_orm::{ConnectionTrait as _, Database};
use tokio::task::JoinSet;

use super::Site;
use crate::command::program::{Running, Trial};

/// How many present their card at once.
const TOGETHER: usize = 3;
const BADGES: &str = "SELECT count(*) FROM accounts WHERE badge IS NOT NULL";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s130_a_badge_is_given_whole_or_not_at_all_when_the_program_is_killed() {
    let site = Site::on_sqlite().await;
    let app = site.app().await;
    app.store.close().await;
    let matching = citizens().iter().filter(|citizen| citizen.outcome == Outcome::Match);
    let matching: Vec<_> = matching.filter(|citizen| !citizen.birth.ends_with("00")).collect();
    let mut told = 0;
    for (round, cards) in matching.chunks_exact(TOGETHER).enumerate() {
        let app = site.app().await;
        let mut members = Vec::new();
        for (at, citizen) in cards.iter().enumerate() {
            members.push((app.insert_member(&format!("ana{round}{at}")).await, *citizen));
        }
        app.store.close().await;
        let (running, there) = site.serve(&app).await;
        let (asked_before, badges_before) = (site.registry.calls(), site.number(BADGES).await);
        let mut presenting = JoinSet::new();
        for (mut member, citizen) in members {
            member.browser.visit(&there);
            let page = member.browser.get("/verify/public").await;
            let form = filled_card(page.form("/verify/public"), citizen);
            presenting.spawn(async move {
                let reply = member.browser.press(&form).await;
                // Only a whole answer counts as one.
                (member, reply.header("location") == "/verify/done")
            });
        }
        match i64::try_from(round % TOGETHER).unwrap() {
            // The registry's first answer is being written down.
            0 => soon("the registry is asked", async || site.registry.calls() > asked_before).await,
            // The first badge, or the second, is there this very instant: so is all that belongs to it.
            seen => drop(site.until(BADGES, badges_before + seen).await),
        }
        running.kill().await;
        let app = site.app().await;
        site.is_sound().await;
        for (member, promoted) in presenting.join_all().await {
            let account = app.store.account(member.id).await.unwrap().unwrap();
            if promoted {
                told += 1;
                assert!(account.account.badge().is_some(), "what was answered holds");
            }
            let identity = app.store.identity(member.id).await.unwrap();
            assert_eq!(identity.is_some(), account.account.badge().is_some());
        }
        app.store.close().await;
    }
    // And with nobody to kill it the same road leads to the badge, so that the above could have failed.
    let app = site.app().await;
    let (running, there) = site.serve(&app).await;
    let mut last = app.insert_member("last").await;
    last.browser.visit(&there);
    let free = citizens().iter().find(|citizen| citizen.birth.ends_with("0000")).unwrap();
    let page = last.browser.get("/verify/public").await;
    let form = filled_card(page.form("/verify/public"), free).with("birth_day", "").with("birth_month", "");
    let page = last.browser.submit(form).await;
    assert_eq!(page.place(), "/verify/done", "{told} were told before: {}", page.text("main"));
    site.is_sound().await;
    assert!(site.is_whole().await);
    running.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s130_a_rotated_secret_and_its_line_in_the_log_are_one_when_the_command_is_killed() {
    const TRIES: u32 = 10;
    let site = Site::on_sqlite().await;
    let app = site.app().await;
    app.client("rp").await;
    app.store.close().await;
    let config = site.trial.config();
    let rotate = || Running::start(&["client", "rotate-secret", "rp", "--json", "--config", config.as_str()]);
    let begun = tokio::time::Instant::now();
    rotate().end().await.well();
    let whole = begun.elapsed();
    let id = ClientId::parse("rp").unwrap();
    let app = site.app().await;
    let mut before = app.store.client(&id).await.unwrap().unwrap().updated_at;
    app.store.close().await;
    let (mut rotated, mut older) = (1, true);
    for turn in 0..=TRIES {
        if older {
            // Three at once are the most: what was made before ends first, which is a change and a line as well.
            Running::start(&["client", "revoke-secret", "rp", "--config", config.as_str()]).end().await.well();
            let app = site.app().await;
            before = app.store.client(&id).await.unwrap().unwrap().updated_at;
            rotated += 1;
            app.store.close().await;
        }
        // The last one has time enough.
        let after = if turn == TRIES { Duration::from_secs(30) } else { whole * (turn + 1) / TRIES };
        let running = rotate();
        let said = match turn % 2 {
            0 => running.cut_short(after).await,
            // The instant at which the change is seen.
            _ => {
                let sql = "SELECT updated_at FROM clients WHERE id = 'rp'";
                site.until(sql, before.timestamp_millis() + 1).await;
                running.cut_short(Duration::ZERO).await
            }
        };
        let app = site.app().await;
        let client = app.store.client(&id).await.unwrap().unwrap();
        rotated += i64::from(client.updated_at != before);
        before = client.updated_at;
        older = client.authentication.secrets().len() > 1;
        let told = serde_json::from_str::<serde_json::Value>(&said.out).unwrap_or_default();
        if let Some(secret) = told["client_secret"].as_str() {
            let digest = Secret::presented(secret).digest();
            assert!(client.authentication.secrets().iter().any(|kept| kept.digest == digest), "what was shown holds");
        }
        let lines = site.number("SELECT count(*) FROM audit_log WHERE action = 'client.secret_rotated'").await;
        assert_eq!(lines, rotated, "a line for each change, and no other");
        app.store.close().await;
    }
    assert!(rotated > 2 && site.is_whole().await);
}

/// How many tables there are at `url`, ours and the record of migrations.
async fn tables(url: &str) -> u64 {
    let connection = Database::connect(format!("{url}{}", if url.starts_with("sqlite") { "?mode=rwc" } else { "" }));
    let connection = connection.await.unwrap();
    let sql = match url.starts_with("sqlite") {
        true => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        false => "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    };
    let statement = sea_orm::Statement::from_string(connection.get_database_backend(), sql);
    let found = connection.query_all_raw(statement).await.unwrap().len();
    connection.close().await.unwrap();
    found.try_into().unwrap()
}

/// Migrates databases made by `fresh`, killed a little later each time, and then for good.
async fn migrate(tries: u32, fresh: impl Fn(&Trial, u32) -> String) {
    let trial = Trial::new().await;
    let sound = trial.sound();
    let aim_at = |url: &str| trial.write(&sound.replace(&format!("sqlite://{}", trial.path("idp.sqlite3")), url));
    let config = trial.config();
    let start = || Running::start(&["migrate", "--config", config.as_str()]);
    let url = fresh(&trial, tries);
    aim_at(&url);
    let begun = tokio::time::Instant::now();
    start().end().await.well();
    let whole = begun.elapsed();
    let all = tables(&url).await;
    assert!(all > 15);
    for turn in 0..tries {
        let url = fresh(&trial, turn);
        aim_at(&url);
        start().cut_short(whole * (turn + 1) / (tries + 1)).await;
        let made = tables(&url).await;
        assert!(made == 0 || made == all, "{made} of {all} tables");
        start().end().await.well();
        assert_eq!(tables(&url).await, all);
        trial.idp(&["client", "list"]).await.well();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s130_tables_are_all_made_or_none_when_migrating_is_killed_on_sqlite() {
    migrate(8, |trial, turn| format!("sqlite://{}", trial.path(&format!("{turn}.sqlite3")))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s130_tables_are_all_made_or_none_when_migrating_is_killed_on_postgresql() {
    migrate(5, |_, _| servers::postgres().empty_database()).await;
}
