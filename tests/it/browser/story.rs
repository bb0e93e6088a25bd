//! The whole story, as a citizen lives it: registration, the blue button, a service at once, refusal where only permanent
//! members may go, verification, single sign-on, the badge in the ID token, signing out everywhere.

use super::stage::{Language, Stage};

/// Who walks it: a citizen of the simulated register, and how that citizen types.
struct Citizen {
    email: &'static str,
    password: &'static str,
    title: &'static str,
    first: &'static str,
    last: &'static str,
    sex: &'static str,
    /// As typed into the verification form, by somebody in a hurry.
    number: &'static str,
    first_as_typed: &'static str,
    birth: [&'static str; 3],
    /// The English name, left out by one of them.
    english: Option<[&'static str; 2]>,
}

const SOMCHAI: Citizen = Citizen {
    email: "somchai@mail.example",
    password: "เรือสำปั้นลอยช้าในคลองเย็น",
    title: "นาย",
    first: "สมชาย",
    last: "ใจดีตัวอย่าง",
    sex: "male",
    number: "๑-๐๐๐๐-๐๐๐๐๐-๐๑-๗",
    first_as_typed: "สมชาย",
    birth: ["20", "5", "2533"],
    english: None,
};

const NAMTHIP: Citizen = Citizen {
    email: "namthip@mail.example",
    password: "seven quiet mango boats",
    title: "นางสาว",
    first: "น้ำทิพย์",
    last: "ทดสอบธรรม",
    sex: "female",
    number: "1 0000 00000 02 5",
    // The same name in another encoding, as some keyboards write it: nikhahit, tone mark, sara aa.
    first_as_typed: "น\u{0E4D}\u{0E49}าทิพย์",
    birth: ["29", "12", "2538"],
    english: Some(["Namthip", "Thotsoptham"]),
};

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_story_in_thai_on_a_telephone() {
    walk(Language::Thai, &SOMCHAI).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_story_in_english_on_a_desktop() {
    walk(Language::English, &NAMTHIP).await;
}

async fn walk(language: Language, citizen: &Citizen) {
    let stage = Stage::set("story", language).await;
    registers_from_the_button_of_a_service(&stage, citizen).await;
    uses_the_service_at_once(&stage).await;
    gives_up_where_only_permanent_members_may_go(&stage).await;
    verifies(&stage, citizen).await;
    is_let_in_without_a_password(&stage).await;
    brings_the_badge_to_the_first_service(&stage).await;
    sees_it_all_in_the_profile(&stage).await;
    signs_out_everywhere(&stage).await;
    stage.strike().await;
}

async fn registers_from_the_button_of_a_service(stage: &Stage, citizen: &Citizen) {
    stage.open(&stage.academy("/")).await;
    stage.look("service").await;
    let button = stage.language.pick("เข้าสู่ระบบด้วย MOC Account", "Sign in with MOC Account");
    assert_eq!(stage.text("#sign-in").await, button);
    stage.press("#sign-in").await;
    assert_eq!(stage.path().await, "/login");
    stage.look("sign-in").await;
    // The words of the ministry's guide.
    if stage.language == Language::Thai {
        assert_eq!(stage.text("#register").await, "สำหรับผู้ใช้งานที่ไม่เคยสมัครมาก่อน ลงทะเบียนคลิกที่นี่");
    }
    stage.press("#register").await;
    stage.look("member-type").await;
    stage.press("#member_type").await;
    stage.look("terms").await;
    stage.send().await;
    stage.look("terms-not-accepted").await;
    stage.touch("#accept_terms").await;
    stage.touch("#read_privacy").await;
    stage.send().await;
    stage.look("email").await;
    stage.fill("email", "somchai@").await;
    stage.send().await;
    stage.look("email-wrong").await;
    assert_eq!(stage.value("email").await, "somchai@", "what was typed is kept");
    stage.fill("email", citizen.email).await;
    stage.send().await;
    assert_eq!(stage.path().await, "/register/code");
    stage.look("code").await;
    confirms_the_mailbox(stage, citizen).await;
    fills_in_the_form(stage, citizen).await;
}

async fn confirms_the_mailbox(stage: &Stage, citizen: &Citizen) {
    let waiting_page = stage.here().await;
    stage.open_newest_mail(citizen.email, 1).await;
    stage.look("mail-with-code").await;
    let code = stage.code_in_mail().await;
    stage.open(&stage.mailbox("/")).await;
    stage.look("mailbox").await;
    stage.open(waiting_page.as_str()).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    stage.fill("code", wrong).await;
    stage.send().await;
    stage.look("code-wrong").await;
    assert_eq!(stage.value("code").await, "", "a code is never shown again");
    stage.fill("code", &code).await;
    stage.send().await;
    assert_eq!(stage.path().await, "/register/details");
}

async fn fills_in_the_form(stage: &Stage, citizen: &Citizen) {
    assert!(stage.text(".confirmed").await.contains(citizen.email));
    stage.look("details").await;
    let [day, month, year] = citizen.birth;
    stage.fill_all(&[("first_name", citizen.first), ("password", "short")]).await;
    stage.press("#confirm").await;
    stage.look("details-incomplete").await;
    assert_eq!(stage.value("first_name").await, citizen.first, "what was typed is kept");
    assert_eq!(stage.value("password").await, "", "but a password is not");
    stage.choose("title", citizen.title).await;
    stage.choose("sex", citizen.sex).await;
    stage.choose("birth_month", month).await;
    stage.choose("personnel_type", "outside").await;
    stage
        .fill_all(&[
            ("last_name", citizen.last),
            ("birth_day", day),
            ("birth_year", year),
            ("phone", "081 234 5678"),
            ("organization", "ร้านตัวอย่างค้าผ้าไทย"),
            ("department", "ฝ่ายส่งออก"),
            ("position", "ผู้จัดการ"),
            ("password", citizen.password),
        ])
        .await;
    if let Some([first, last]) = citizen.english {
        stage.fill_all(&[("first_name_en", first), ("last_name_en", last)]).await;
    }
    if stage.language == Language::Thai {
        assert_eq!(stage.text("#confirm").await, "ยืนยันการลงทะเบียนสมาชิกและเข้าใช้งานทันที");
    }
    stage.press("#confirm").await;
    assert_eq!(stage.path().await, "/welcome");
    stage.look("welcome").await;
    if stage.language == Language::Thai {
        let green = "สมัครเป็นสมาชิกถาวร ไม่มีวันหมดอายุ คลิกที่นี่เพื่อยืนยันตัวตน";
        let blue = "สมัครเข้าร่วมกิจกรรม/เข้าใช้งานระบบต่าง ๆ กับกระทรวงพาณิชย์ โดยเป็นสมาชิกแบบชั่วคราว คลิกที่นี่";
        assert_eq!(stage.text("#become-permanent").await, green);
        assert_eq!(stage.text("#stay-temporary").await, blue);
    }
}

async fn uses_the_service_at_once(stage: &Stage) {
    stage.press("#stay-temporary").await;
    assert_eq!(stage.path().await, "/consent");
    stage.look("consent").await;
    stage.press("#allow").await;
    stage.find("#who").await;
    assert_eq!(stage.attribute("#membership", "data-membership").await, "temporary");
    assert_eq!(stage.attribute("#badge", "data-verified").await, "false");
    assert!(stage.text("#id-token").await.contains("\"verified_badge\": false"));
    stage.look("service-temporary").await;
    // Signed in from the start: the profile of a temporary member.
    stage.open(&stage.provider("/profile")).await;
    stage.look("profile-temporary").await;
}

async fn gives_up_where_only_permanent_members_may_go(stage: &Stage) {
    stage.open(&stage.licences("/")).await;
    stage.look("permanent-service").await;
    stage.press("#sign-in").await;
    assert_eq!(stage.path().await, "/verify");
    stage.look("verify-required").await;
    stage.press(".after a").await;
    assert_eq!(stage.text("#error-code").await, "access_denied");
    assert!(stage.here().await.as_str().starts_with(&stage.licences("/")));
    stage.look("refused").await;
}

async fn verifies(stage: &Stage, citizen: &Citizen) {
    let [day, month, year] = citizen.birth;
    stage.press("#again").await;
    stage.press("#verify-public").await;
    stage.look("card").await;
    stage.press("#cancel").await;
    assert_eq!(stage.path().await, "/verify", "cancelling leads to choosing again");
    stage.press("#verify-public").await;
    let digits: String = citizen.number.chars().take(6).collect();
    stage.fill_all(&[("national_id", &digits), ("first_name", "Somchai"), ("birth_year", "1990")]).await;
    stage.press("#confirm").await;
    stage.look("card-faulty").await;
    stage
        .fill_all(&[
            ("national_id", citizen.number),
            ("first_name", "สมหวัง"),
            ("last_name", citizen.last),
            ("birth_day", day),
            ("birth_year", year),
        ])
        .await;
    stage.choose("birth_month", month).await;
    stage.press("#confirm").await;
    stage.look("card-mismatch").await;
    assert_eq!(stage.value("first_name").await, "สมหวัง", "what was typed is kept");
    stage.fill("first_name", citizen.first_as_typed).await;
    if stage.language == Language::Thai {
        assert_eq!(stage.text("#confirm").await, "ยืนยันความถูกต้องของข้อมูล");
        assert_eq!(stage.text("#cancel").await, "✕ ยกเลิกและกลับไปเลือกวิธียืนยันใหม่");
    }
    stage.press("#confirm").await;
    stage.find("#verified").await;
    stage.look("verified").await;
}

async fn is_let_in_without_a_password(stage: &Stage) {
    stage.asked_for.borrow_mut().clear();
    stage.press("#continue").await;
    assert_eq!(stage.path().await, "/consent");
    stage.look("consent-of-the-second-service").await;
    stage.press("#allow").await;
    stage.find("#who").await;
    assert!(stage.here().await.as_str().starts_with(&stage.licences("/")));
    assert_eq!(stage.attribute("#membership", "data-membership").await, "permanent");
    assert_eq!(stage.attribute("#badge", "data-verified").await, "true");
    assert!(stage.text("#id-token").await.contains("\"verified_badge\": true"));
    stage.look("permanent-service-signed-in").await;
    let asked_for = stage.asked_for.borrow();
    assert!(!asked_for.iter().any(|address| address.contains("/login")), "a password was asked for: {asked_for:?}");
}

async fn brings_the_badge_to_the_first_service(stage: &Stage) {
    stage.open(&stage.academy("/me")).await;
    assert_eq!(stage.attribute("#badge", "data-verified").await, "false", "the service has not asked again");
    stage.press("#refresh").await;
    assert_eq!(stage.attribute("#badge", "data-verified").await, "true");
    assert!(stage.text("#id-token").await.contains("\"membership\": \"permanent\""));
    stage.look("service-permanent").await;
}

async fn sees_it_all_in_the_profile(stage: &Stage) {
    stage.open(&stage.provider("/profile")).await;
    assert!(stage.shows("#membership svg.badge").await);
    stage.open(&stage.provider("/profile/services")).await;
    let services = stage.text("#services").await;
    for name in stage.language.pick(
        ["DITP e-Academy และกิจกรรม DITP", "ระบบออกหนังสือสำคัญการส่งออก-นำเข้า"],
        ["DITP e-Academy and events", "Export and import certificates"],
    ) {
        assert!(services.contains(name), "{services}");
    }
    stage.look("profile-permanent").await;
}

async fn signs_out_everywhere(stage: &Stage) {
    stage.press("#sign-out-everywhere").await;
    stage.find("#signed-out").await;
    stage.look("signed-out").await;
    stage.open(&stage.academy("/me")).await;
    stage.press("#refresh").await;
    assert!(!stage.shows("#who").await, "the first service has let go");
    stage.look("service-session-over").await;
    stage.open(&stage.licences("/me")).await;
    stage.press("#refresh").await;
    assert!(!stage.shows("#who").await, "the second service has let go");
    stage.press("#again").await;
    assert_eq!(stage.path().await, "/login", "and nobody comes back without a password");
}
