//! S089: lists answer to forged cursors, odd filters and what they do not know with 400, never with a 5xx, and pass nothing
//! over in silence.

use idp_core::admin::Role;
use idp_core::cursor;
use idp_core::id::AccountId;
use idp_tests::{App, Member};

/// Every page of the console that lists something, or reads its address.
const LISTS: [&str; 10] = [
    "/admin/clients",
    "/admin/members",
    "/admin/reviews",
    "/admin/approvals",
    "/admin/audit",
    "/admin/staff",
    "/admin/traffic",
    "/admin/dashboard",
    "/admin/dashboard.csv",
    "/admin/members/00000000-0000-4000-8000-000000000000",
];

/// What no list of the console knows.
const UNKNOWN: [&str; 14] = [
    "page_size=0",
    "page_size=-1",
    "page_size=25",
    "page_size=many",
    "page_size=9223372036854775808",
    "limit=1",
    "sort=secret_hash",
    "sort=name",
    "order=1%20DESC%3B--",
    "offset=100",
    "filter%5Bpassword%5D%5B%24ne%5D=x",
    "%00=1",
    "=",
    "a=1&a=2",
];

async fn bad(root: &mut Member, path: &str) {
    let page = root.browser.get(path).await;
    page.expect_error(400, "invalid_request");
    // A clear page: it says where to go on.
    assert!(page.text("main").contains("กลับ") || !page.attributes("main a", "href").is_empty(), "{path}");
}

#[tokio::test]
async fn s089_what_no_list_knows_is_refused_by_each() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    for list in LISTS {
        for unknown in UNKNOWN {
            bad(&mut root, &format!("{list}?{unknown}")).await;
        }
        let deep = "%28".repeat(10_000);
        bad(&mut root, &format!("{list}?filter={deep}")).await;
    }
}

#[tokio::test]
async fn s089_values_that_no_list_offers_are_refused() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    let deep = "%28".repeat(10_000);
    for query in [
        "/admin/clients?status=hash",
        "/admin/clients?status=active&status=draft",
        "/admin/clients?department=%27%3B--",
        "/admin/clients?only=secret",
        &format!("/admin/clients?q={deep}"),
        "/admin/members?list=subject_seed",
        "/admin/members?list=accounts%3B--",
        "/admin/members?list=all&client=rp",
        "/admin/reviews?list=all",
        "/admin/reviews?list=waiting%27--",
        "/admin/audit?account=x",
        "/admin/audit?actor=%27%20OR%201%3D1--",
        "/admin/audit?action=client.%25",
        "/admin/audit?client=%27%3B--",
        "/admin/audit?from=2026-13-45",
        "/admin/audit?from=-262143-01-01",
        "/admin/audit?until=%2B262142-12-31",
        "/admin/audit?until=0000-00-00",
        "/admin/dashboard?range=eternity",
        "/admin/dashboard?endpoint=%27--",
        "/admin/dashboard.csv?range=-1",
    ] {
        bad(&mut root, query).await;
    }
    // Words of a search are words, whatever SQL would make of them.
    for words in ["%25_%27%3B--", "%00", "%27%20OR%201%3D1", "%5C"] {
        let page = root.browser.get(&format!("/admin/clients?q={words}")).await;
        assert_eq!((page.status.as_u16(), page.texts("#clients code").len()), (200, 0), "{words}");
    }
}

/// A cursor is one list's, as it was made, and of what was sealed for members and reviews, its reader's.
#[tokio::test]
async fn s089_forged_and_other_lists_cursors_are_refused_by_each() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    for number in 0..30 {
        app.client(&format!("rp-{number:02}")).await;
    }
    let page = root.browser.get("/admin/clients").await;
    let next = page.attribute("#next", "href").unwrap();
    let cursor = next.split_once("after=").unwrap().1.to_owned();
    assert_eq!(root.browser.get(&next).await.texts("#clients .row-name").len(), 5);
    let page = root.browser.get("/admin/members?list=all").await;
    assert!(page.has("#found"));
    let sealed =
        |list: &str, reader: AccountId| cursor::seal(&app.vault, list, reader, &("all", None::<i64>), &*app.chance);
    let (others, forged) = (sealed("members", AccountId::make(&*app.chance)), sealed("reviews", root.id));
    let mut cut = cursor.clone();
    cut.pop();
    let turned = format!("{}{}", &cursor[..cursor.len() - 2], if cursor.ends_with("AA") { "BB" } else { "AA" });
    let long = "A".repeat(3000);
    let odd = [
        cut.as_str(),
        turned.as_str(),
        others.as_str(),
        forged.as_str(),
        long.as_str(),
        "x",
        ".",
        "a.b",
        "eyJhIjoxfQ.AAAA",
        "%00",
        "-1",
        "0",
        "9223372036854775808",
        "%27%20OR%201%3D1--",
    ];
    for list in [
        "/admin/clients?after",
        "/admin/audit?after",
        "/admin/approvals?after",
        "/admin/members?at",
        "/admin/reviews?at",
    ] {
        for cursor in odd {
            bad(&mut root, &format!("{list}={cursor}")).await;
        }
        if !list.starts_with("/admin/clients") {
            bad(&mut root, &format!("{list}={cursor}")).await;
        }
    }
}

#[tokio::test]
async fn the_list_is_searched_and_filtered() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    app.client("sound").await;
    app.client("weak").with(|draft| draft.pkce = idp_core::client::PkcePolicy::Optional).await;
    app.client("draft").with(|draft| draft.as_draft = true).await;
    let names = async |root: &mut idp_tests::Member, query: &str| {
        root.browser.get(&format!("/admin/clients?{query}")).await.texts("#clients code")
    };
    assert_eq!(names(&mut root, "q=WEAK").await, ["weak"]);
    assert_eq!(names(&mut root, "only=weak").await, ["weak"]);
    assert_eq!(names(&mut root, "status=draft").await, ["draft"]);
    assert_eq!(names(&mut root, "department=dit").await, [] as [&str; 0]);
    app.advance(chrono::TimeDelta::days(91));
    app.prove_strongly(&mut root).await;
    assert_eq!(names(&mut root, "only=unused").await, ["sound", "weak"]);
}
