//! S083: every route of the API for every scope and every role, cell by cell.

use std::collections::BTreeSet;

use idp_core::admin::{ApiScope, Operation, Role};
use idp_tests::{App, Client, Program, Reply};
use idp_web::api::routes::{Address, addresses};

use crate::admin::golden;

/// A route with something in the place of its parameters.
fn filled(path: &str) -> String {
    let id = "00000000-0000-4000-8000-000000000000";
    path.replace("{client_id}", "rp").replace("{id}", id).replace("{account}", id)
}

async fn ask(app: &App, token: &str, address: &Address) -> Reply {
    let bearer = format!("Bearer {token}");
    app.call_api(address.method.as_str(), &filled(address.path), &[("authorization", &bearer)], None).await
}

/// What the gate says; nothing when the handler answers, whatever it finds.
fn at_the_gate(reply: &Reply) -> Option<String> {
    let stopped = matches!(reply.status.as_u16(), 401 | 403);
    assert!(reply.status.as_u16() < 500, "{}", reply.body);
    stopped.then(|| reply.problem())
}

#[tokio::test]
async fn s083_every_route_for_every_role() {
    let app = App::start().await;
    let draft = app.client("rp").with(|draft| draft.department = idp_core::admin::Department::parse("dit").ok());
    draft.await;
    let table = addresses(app.provider());
    assert!(table.len() >= 25, "{}", table.len());
    let mut programs: Vec<(Role, Program)> = Vec::new();
    for role in Role::ALL {
        let department = (role == Role::ClientAdmin).then_some("dit");
        programs.push((role, app.program(role.as_str(), role, department).await));
    }
    let none = app.machine("nobody", &ApiScope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>()).await;
    let none = none.machine_token().await;
    let mut verified = app.insert_permanent("verified").await;
    let mut temporary = app.insert_member("temporary").await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let rp = app.client("member-service").await;
    // A member's token is none here, whoever the member is.
    let of_members = [
        rp.sign_in(&mut verified).await.access,
        rp.sign_in(&mut temporary).await.access,
        rp.sign_in(&mut root).await.access,
    ];
    let mut cells = Vec::new();
    for address in &table {
        let nobody = app.call_api(address.method.as_str(), &filled(address.path), &[], None).await;
        nobody.expect_problem(401, "unauthorized");
        for of_a_member in &of_members {
            ask(&app, of_a_member, address).await.expect_problem(401, "unauthorized");
        }
        // Nor are a client's own secret, and a session of the console.
        let basic = rp.basic();
        let cookie = root.browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        let cookie = cookie.join("; ");
        for header in [("authorization", basic.as_str()), ("cookie", cookie.as_str())] {
            let reply = app.call_api(address.method.as_str(), &filled(address.path), &[header], None).await;
            reply.expect_problem(401, "unauthorized");
        }
        ask(&app, &none, address).await.expect_problem(403, "not-permitted");
        let mut row = format!("{:14} {:6} {:45}", address.scope.as_str(), address.method.as_str(), address.path);
        for (role, program) in &programs {
            row += match at_the_gate(&ask(&app, &program.token, address).await).as_deref() {
                None => " open",
                Some("not-permitted") => " no  ",
                Some(other) => panic!("{role:?} meets {other}: {address:?}"),
            };
        }
        cells.push(row.trim_end().to_owned());
    }
    golden("api/matrix.txt", &cells);
}

#[tokio::test]
async fn s083_every_route_for_every_scope() {
    let app = App::start().await;
    let table = addresses(app.provider());
    for scope in ApiScope::ALL {
        let rp: Client = app.machine(&scope.as_str().replace(':', "-"), &[scope.as_str()]).await;
        app.give_program(&rp, Role::SuperAdmin, None).await;
        let token = rp.machine_token().await;
        for address in &table {
            let stopped = at_the_gate(&ask(&app, &token, address).await);
            let expected = (address.scope != *scope).then(|| "insufficient-scope".to_owned());
            // A read of what is not there is not the gate's word.
            assert_eq!(stopped, expected, "{} {} with {scope:?}", address.method.as_str(), address.path);
        }
    }
}

/// Each path constant of the API stands in the table, nothing else does, and no other file gives it a route.
#[tokio::test]
async fn s083_an_unlisted_route_fails() {
    let app = App::start().await;
    let table = addresses(app.provider());
    let listed: BTreeSet<&str> = table.iter().map(|address| address.path).collect();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/idp-web/src/api");
    let mut named = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for constant in text.lines().filter_map(|line| line.strip_prefix("const ")?.split_once(": &str = \"/api/")) {
            named.insert(format!("/api/{}", constant.1.trim_end_matches("\";")));
        }
    }
    assert_eq!(named.iter().map(String::as_str).collect::<BTreeSet<_>>(), listed);
    let routes = include_str!("../../../crates/idp-web/src/routes.rs");
    assert!(!routes.contains("\"/api"), "only api/routes.rs gives routes to the API");
    for address in &table {
        assert_eq!(ApiScope::needed_for(address.operation), Some(address.scope));
    }
    // What has a scope has a route: a scope that opens nothing would be a promise.
    for operation in Operation::ALL.iter().filter(|operation| ApiScope::needed_for(**operation).is_some()) {
        assert!(table.iter().any(|address| address.operation == *operation), "{operation:?} has no route");
    }
}
