//! S083: every address of the console for every principal, cell by cell.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, header};
use idp_core::admin::{Department, Operation, Role, Weight};
use idp_core::session::AuthenticationMethod;
use idp_tests::{App, Browser, Member};
use idp_web::admin::routes::{Address, addresses};

/// What stands at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    /// Nobody is signed in: to the sign-in page.
    SignIn,
    /// No role that allows it.
    Refused,
    /// The handler answers; a form without its token is refused there, by another code.
    Open,
}

/// An address with something in the place of its parameters.
fn filled(path: &str) -> String {
    let id = "00000000-0000-4000-8000-000000000000";
    path.replace("{client_id}", "rp").replace("{id}", id).replace("{account}", id)
}

async fn ask(browser: &mut Browser, address: &Address) -> (u16, String, String) {
    let path = filled(address.path);
    let method = Method::from_bytes(address.method.as_bytes()).unwrap();
    let mut request = browser.request(method, &path);
    if address.method == "POST" {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    let app = browser.app().clone();
    let reply = app.send_from(browser.address, request.body(Body::empty()).unwrap()).await;
    let location = reply.headers.get("location").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let code = reply.body.split("id=\"error-code\">").nth(1).and_then(|rest| rest.split('<').next());
    (reply.status.as_u16(), location, code.unwrap_or_default().to_owned())
}

/// What somebody meets at an address.
async fn meets(who: &str, browser: &mut Browser, address: &Address) -> Cell {
    let (status, location, code) = ask(browser, address).await;
    let place = format!("{who}: {} {} answered {status} {location} {code}", address.method, address.path);
    match (status, location.as_str(), code.as_str()) {
        (303, to, _) if to.starts_with("/login") => Cell::SignIn,
        (403, _, "not_permitted") => Cell::Refused,
        // Whatever the handler finds, it is not the gate that speaks.
        _ => {
            assert!(!location.starts_with("/profile") && status < 500, "{place}");
            if address.method == "POST" {
                assert_eq!((status, code.as_str()), (403, "form_expired"), "{place}");
            }
            Cell::Open
        }
    }
}

#[tokio::test]
async fn s083_every_route_for_every_principal() {
    let app = App::start().await;
    app.client("rp").with(|draft| draft.department = Some(Department::parse("dit").unwrap())).await;
    let table = addresses(app.provider());
    assert!(table.iter().any(|address| address.path == "/admin"));
    let mut nobody = app.browser();
    let mut temporary = app.insert_member("temporary").await;
    app.prove_strongly(&mut temporary).await;
    let mut verified = app.insert_permanent("verified").await;
    app.prove_strongly(&mut verified).await;
    let mut staff: Vec<(Role, Member)> = Vec::new();
    for role in Role::ALL {
        let department = (role == Role::ClientAdmin).then_some("dit");
        staff.push((role, app.insert_staff(role.as_str(), role, department).await));
    }
    let mut cells = Vec::new();
    for address in &table {
        assert_eq!(meets("anonymous", &mut nobody, address).await, Cell::SignIn, "{address:?}");
        for (who, member) in [("temporary member", &mut temporary), ("verified member", &mut verified)] {
            assert_eq!(meets(who, &mut member.browser, address).await, Cell::Refused, "{who} {address:?}");
        }
        let mut row = format!("{:4} {:45}", address.method, address.path);
        for (role, member) in &mut staff {
            row += match meets(role.as_str(), &mut member.browser, address).await {
                Cell::Open => " open",
                Cell::Refused => " no  ",
                Cell::SignIn => panic!("{role:?} is signed in: {address:?}"),
            };
        }
        cells.push(row.trim_end().to_owned());
    }
    // Half an hour later: what has consequences asks for another proof.
    app.advance(chrono::TimeDelta::minutes(16));
    let mut root = staff.remove(0).1;
    for (address, cell) in table.iter().zip(&mut cells) {
        let (status, location, _) = ask(&mut root.browser, address).await;
        let again = status == 303 && location.starts_with("/login?again");
        *cell = format!("{} {cell}", if again { "young" } else { "  any" });
    }
    golden("admin/matrix.txt", &cells);
}

/// What is met is what somebody wrote down and looked at, not what the program says of itself. A new address is a new line:
/// `IDP_RENEW_MATRIX=1` writes the file, and the change is read line by line.
pub(crate) fn golden(file: &str, met: &[String]) {
    let path = format!("{}/it/{file}", env!("CARGO_MANIFEST_DIR"));
    let kept = std::fs::read_to_string(&path).unwrap();
    let mut met: Vec<&str> = met.iter().map(String::as_str).collect();
    met.sort_by_key(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (words[2], words[1])
    });
    if std::env::var_os("IDP_RENEW_MATRIX").is_some() {
        let head: Vec<&str> = kept.lines().take_while(|line| line.starts_with('#')).collect();
        std::fs::write(path, format!("{}\n{}\n", head.join("\n"), met.join("\n"))).unwrap();
        return;
    }
    let kept: Vec<&str> = kept.lines().filter(|line| !line.starts_with('#')).collect();
    for line in &met {
        assert!(kept.contains(line), "{file} does not say: {line}");
    }
    for line in &kept {
        assert!(met.contains(line), "{file} says what is not so: {line}");
    }
    assert_eq!(met.len(), kept.len(), "{file} says something twice");
}

/// What a client proves itself with, and what a member gave it, are nothing in a browser.
#[tokio::test]
async fn s083_a_clients_credentials_open_no_address_of_the_console() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let of_root = rp.sign_in(&mut root).await.access;
    let program = app.program("program", Role::SuperAdmin, None).await;
    for address in &addresses(app.provider()) {
        for credential in [rp.basic(), format!("Bearer {of_root}"), format!("Bearer {}", program.token)] {
            let method = Method::from_bytes(address.method.as_bytes()).unwrap();
            let request = axum::http::Request::builder().method(method).uri(filled(address.path));
            let request = request.header(header::AUTHORIZATION, credential);
            let reply = app.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(reply.status, 303, "{address:?}");
            assert!(reply.header("location").starts_with("/login"), "{address:?}: {}", reply.header("location"));
        }
    }
}

#[tokio::test]
async fn s083_without_a_second_factor_or_a_young_proof_nothing_opens() {
    let app = App::start().await;
    let mut admin = app.insert_member("root").await;
    app.give_role(&admin, Role::SuperAdmin, None).await;
    let table = addresses(app.provider());
    for address in &table {
        let (status, location, code) = ask(&mut admin.browser, address).await;
        // There is none yet: to where it is set up.
        assert_eq!((status, location.as_str()), (303, "/profile/security"), "{address:?}: {code}");
    }
    // A code by mail is a second factor, and none that opens the console.
    let mailed = [AuthenticationMethod::Pwd, AuthenticationMethod::Mca, AuthenticationMethod::Mfa];
    app.begin_session(&mut admin, mailed.to_vec()).await;
    for address in &table {
        assert_eq!(ask(&mut admin.browser, address).await.1, "/profile/security", "{address:?}");
    }
    app.prove_strongly(&mut admin).await;
    app.advance(chrono::TimeDelta::minutes(16));
    for address in table.iter().filter(|address| address.operation.weight() == Weight::HasConsequences) {
        let (status, location, _) = ask(&mut admin.browser, address).await;
        assert_eq!(status, 303, "{address:?}");
        assert!(location.starts_with("/login?again"), "{address:?}: {location}");
    }
}

/// Each path of the console is in the table, and each entry of the table is answered.
#[tokio::test]
async fn s083_an_unlisted_route_fails() {
    let app = App::start().await;
    let listed: BTreeSet<&str> = addresses(app.provider()).iter().map(|address| address.path).collect();
    let source = include_str!("../../../crates/idp-web/src/admin/paths.rs");
    let constants = source.lines().filter_map(|line| line.strip_prefix("pub const ")?.split_once(": &str = \""));
    let named: BTreeSet<&str> = constants.map(|(_, path)| path.trim_end_matches("\";")).collect();
    assert_eq!(named, listed);
    // No other file of the program may give a route to the console.
    let routes = include_str!("../../../crates/idp-web/src/routes.rs");
    assert!(!routes.contains("\"/admin") && !routes.contains("paths::"), "only admin/routes.rs names the console");
    for operation in Operation::ALL {
        assert!(!operation.as_str().is_empty());
    }
}
