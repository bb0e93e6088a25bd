//! `/profile/services`: what each service receives, and taking leave of it.

use idp_tests::App;

#[tokio::test]
async fn services_stand_with_what_was_agreed_to_and_can_be_taken_leave_of() {
    let app = App::start().await;
    let one = app.client("one").scopes("openid membership email").await;
    let two = app.client("two").scopes("openid profile").await;
    let mut ana = app.insert_member("ana").await;
    let said = ana.browser.get("/profile/services").await.text("#services");
    assert!(said.contains("ยังไม่มีบริการที่เชื่อมต่อกับบัญชีนี้"), "{said}");
    let (first, second) = (one.sign_in(&mut ana).await, two.sign_in(&mut ana).await);
    let page = ana.browser.get("/profile/services").await;
    assert_eq!(page.texts("#services li strong"), ["บริการทดสอบ", "บริการทดสอบ"]);
    let said = page.text("#services");
    for words in ["กรมทดสอบ", "เชื่อมต่อตั้งแต่ 2 พฤศจิกายน 2569", "สถานะสมาชิกและเครื่องหมายยืนยันตัวตน", "อีเมล", "ถอนความยินยอม"]
    {
        assert!(said.contains(words), "{words} is missing: {said}");
    }
    let form = page.form("/profile/services/withdraw").with("client_id", "one");
    let page = ana.browser.submit(form).await;
    assert_eq!(page.texts("#services li strong").len(), 1);
    one.refresh(&first.refresh, None).await.expect_token_error("invalid_grant");
    assert_eq!(one.userinfo(&first.access).await.status, 401);
    two.refreshed(&second).await;
    assert_eq!(one.ask_silently(&mut ana.browser).await.error(), "consent_required", "asked anew");
    // Withdrawn twice, or what never was: nothing happens, and no dead end.
    for client_id in ["one", "nobody", "", "two words"] {
        let form =
            ana.browser.get("/profile/services").await.form("/profile/services/withdraw").with("client_id", client_id);
        assert_eq!(app.unchanged(ana.browser.submit(form)).await.place(), "/profile/services");
    }
}

#[tokio::test]
async fn nobody_withdraws_what_another_member_gave() {
    let app = App::start().await;
    let rp = app.client("rp").await;
    let (mut ana, mut ben) = (app.insert_member("ana").await, app.insert_member("ben").await);
    let tokens = rp.sign_in(&mut ana).await;
    rp.sign_in(&mut ben).await;
    let form = ben.browser.get("/profile/services").await.form("/profile/services/withdraw").with("client_id", "rp");
    ben.browser.submit(form.with("account_id", &ana.id.to_string())).await;
    rp.refreshed(&tokens).await;
}
