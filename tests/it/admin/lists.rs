//! S089: lists answer to forged cursors, odd filters and deep ones with 400 or a page, never with a 5xx.

use idp_core::admin::Role;
use idp_tests::App;

#[tokio::test]
async fn s089_forged_cursors_and_filters_are_refused() {
    let app = App::start().await;
    let mut root = app.insert_staff("root", Role::SuperAdmin, None).await;
    for number in 0..30 {
        app.client(&format!("rp-{number:02}")).await;
    }
    let page = root.browser.get("/admin/clients").await;
    let next = page.attribute("#next", "href").unwrap();
    let cursor = next.split_once("after=").unwrap().1.to_owned();
    assert_eq!(root.browser.get(&next).await.texts("#clients .row-name").len(), 5);
    // One list's cursor is no other list's; one letter more or less is none.
    let mut forged = cursor.clone();
    forged.pop();
    let bits = format!("{}A", &cursor[..cursor.len() - 1]);
    let long = "A".repeat(3000);
    for bad in [forged.as_str(), bits.as_str(), "x", ".", "a.b", "eyJhIjoxfQ.AAAA", long.as_str(), "%00", "-1"] {
        if bad != cursor {
            root.browser.get(&format!("/admin/clients?after={bad}")).await.expect_error(400, "invalid_request");
        }
    }
    for list in ["/admin/audit", "/admin/approvals"] {
        root.browser.get(&format!("{list}?after={cursor}")).await.expect_error(400, "invalid_request");
    }
    for bad in ["status=hash", "department=%27%3B--", "only=secret"] {
        root.browser.get(&format!("/admin/clients?{bad}")).await.expect_error(400, "invalid_request");
    }
    let deep = "%28".repeat(10_000);
    for odd in
        ["page_size=0", "page_size=-1", "page_size=9223372036854775808", "sort=secret", "q=%25_%27%3B--", "q=%00"]
    {
        assert_eq!(root.browser.get(&format!("/admin/clients?{odd}")).await.status, 200, "{odd}");
    }
    assert!(root.browser.get(&format!("/admin/clients?q={deep}")).await.status.as_u16() < 500);
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
