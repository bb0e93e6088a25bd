//! One or more samples of every page: what people will see, with invented people and services.

use askama::Template;

use super::*;

mod admin;
mod members;

/// A shell as most pages have it.
pub(super) fn shell(lang: Lang) -> Shell {
    Shell {
        lang,
        here: "/login?request=9f8c".to_owned(),
        csrf: "sample-csrf".to_owned(),
        member: None,
        service: None,
        demo: false,
        issuer_host: "account.moc.go.th".to_owned(),
    }
}

/// The shell of somebody who is signed in.
fn at_home(lang: Lang, verified: bool) -> Shell {
    let name = pick(lang, "สมชาย ใจดี", "Somchai Jaidee");
    Shell { member: Some(MemberChip { name, verified }), ..shell(lang) }
}

/// The shell of somebody on the way to a service.
fn on_the_way(lang: Lang) -> Shell {
    Shell { service: Some(service_name(lang)), ..shell(lang) }
}

fn pick(lang: Lang, thai: &str, english: &str) -> String {
    match lang {
        Lang::Th => thai.to_owned(),
        Lang::En => english.to_owned(),
    }
}

fn service_name(lang: Lang) -> String {
    pick(lang, "ระบบยื่นคำขอทรัพย์สินทางปัญญา", "Intellectual Property Filing")
}

fn faults(faults: &[(&'static str, &'static str)]) -> FieldErrors {
    let mut errors = FieldErrors::none();
    for (field, key) in faults {
        errors.add(field, Text::key(key));
    }
    errors
}

fn until(lang: Lang) -> String {
    pick(lang, "22 มกราคม 2570", "22 January 2027 (B.E. 2570)")
}

fn since(lang: Lang) -> String {
    pick(lang, "23 พฤศจิกายน 2569", "23 November 2026 (B.E. 2569)")
}

const EMAIL: &str = "somchai@example.com";

/// All samples, by the name of the page and what is special about it.
pub(super) fn write_all(lang: Lang) -> Vec<(&'static str, String)> {
    let mut pages = Vec::new();
    sign_in(lang, &mut pages);
    second_factor(lang, &mut pages);
    security(lang, &mut pages);
    registration(lang, &mut pages);
    verification(lang, &mut pages);
    service(lang, &mut pages);
    profile(lang, &mut pages);
    passkeys(lang, &mut pages);
    leaving(lang, &mut pages);
    admin::write(lang, &mut pages);
    members::write(lang, &mut pages);
    pages
}

type Pages = Vec<(&'static str, String)>;

fn put(pages: &mut Pages, name: &'static str, page: impl Template) {
    pages.push((name, page.render().unwrap()));
}

/// A service with a logo (any picture will do), a privacy notice and terms.
fn links(lang: Lang) -> ServiceLinks {
    ServiceLinks {
        name: service_name(lang),
        logo: Some(crate::assets::url("touch-icon.png")),
        policy: Some("https://ip.example/privacy".to_owned()),
        tos: Some("https://ip.example/terms".to_owned()),
    }
}

/// What somebody chose to show.
fn shown() -> AboutForm {
    AboutForm {
        nickname: "ส้ม".to_owned(),
        username: "som.o".to_owned(),
        profile: "https://people.example/som".to_owned(),
        website: "https://shop.example/".to_owned(),
    }
}

fn sign_in(lang: Lang, pages: &mut Pages) {
    let page = || SignInPage {
        shell: shell(lang),
        request: None,
        to: None,
        username: String::new(),
        error: None,
        notice: None,
        reauth: false,
        passkeys: true,
        thaid: None,
        work: None,
        links: None,
    };
    put(pages, "login", page());
    let work = Some(WorkView { task: "dGFzaw".to_owned(), bits: 18, wait: 30 });
    put(pages, "login-work", SignInPage { work, error: Some(Text::key("work-first")), ..page() });
    let shell = Shell { demo: true, ..on_the_way(lang) };
    let error = Some(Text::key("login-bad"));
    let (request, username) = (Some("9f8c".to_owned()), EMAIL.to_owned());
    put(pages, "login-bad", SignInPage { shell, request, username, error, ..page() });
    let (username, notice) = (EMAIL.to_owned(), Some(Text::key("session-expired")));
    put(
        pages,
        "login-reauth",
        SignInPage { username, notice, reauth: true, to: Some("security"), shell: on_the_way(lang), ..page() },
    );
    put(pages, "login-service", SignInPage { shell: on_the_way(lang), links: Some(links(lang)), ..page() });
    let thaid = Some("/thaid/begin?for=sign-in".to_owned());
    put(pages, "login-thaid", SignInPage { thaid, error: Some(Text::key("thaid-no-account")), ..page() });
    let error = Some(Text::key("login-locked").with("n", 15));
    put(pages, "login-locked", SignInPage { error, ..page() });
}

fn second_factor(lang: Lang, pages: &mut Pages) {
    use idp_core::account::FactorKind;
    let way = |by, key| SecondWay { href: format!("/login/second?by={by}"), text: Text::key(key) };
    let page = |kind, errors| SecondFactorPage {
        shell: on_the_way(lang),
        errors,
        request: Some("9f8c".to_owned()),
        to: None,
        signing_in: true,
        by_thaid: false,
        kind,
        work: None,
        mailed: None,
        others: vec![way("recovery-code", "second-by-recovery")],
        lost_href: Some("/login/second/lost?request=9f8c".to_owned()),
        cancel_href: "/".to_owned(),
    };
    put(pages, "second-totp", page(FactorKind::Totp, FieldErrors::none()));
    let others = vec![way("totp", "second-by-totp")];
    let wrong = faults(&[("code", "second-recovery-wrong")]);
    put(pages, "second-recovery", SecondFactorPage { others, ..page(FactorKind::RecoveryCode, wrong) });
    let work = Some(WorkView { task: "dGFzaw".to_owned(), bits: 18, wait: 30 });
    let unpaid = faults(&[("code", "work-first-code")]);
    put(pages, "second-work", SecondFactorPage { work, ..page(FactorKind::Totp, unpaid) });
    put(pages, "second-passkey", page(FactorKind::Passkey, FieldErrors::none()));
    let refused = faults(&[("sign-in-passkey", "passkey-bad")]);
    let others = vec![way("totp", "second-by-totp"), way("recovery-code", "second-by-recovery")];
    let to = Some("security");
    put(
        pages,
        "second-passkey-own",
        SecondFactorPage { others, to, signing_in: false, ..page(FactorKind::Passkey, refused) },
    );
    let mailed = |reference: Option<&str>| SecondFactorPage {
        mailed: Some(MailedCodeView {
            to: EMAIL.to_owned(),
            reference: reference.map(str::to_owned),
            minutes: 10,
            resend_after: 30,
        }),
        signing_in: false,
        by_thaid: false,
        others: Vec::new(),
        lost_href: None,
        to: Some("security"),
        ..page(FactorKind::MailedCode, FieldErrors::none())
    };
    put(pages, "second-thaid", SecondFactorPage { by_thaid: true, ..page(FactorKind::Totp, FieldErrors::none()) });
    put(pages, "second-mail", mailed(None));
    put(pages, "second-mail-sent", mailed(Some("KMTP")));
    let code = |reference: Option<&str>| MailedCodeView {
        to: EMAIL.to_owned(),
        reference: reference.map(str::to_owned),
        minutes: 10,
        resend_after: 30,
    };
    let lost = |view| LostFactorPage {
        shell: on_the_way(lang),
        errors: FieldErrors::none(),
        request: Some("9f8c".to_owned()),
        to: None,
        wait_hours: 72,
        work: None,
        view,
        back_href: "/login/second".to_owned(),
    };
    put(pages, "lost-factor", lost(LostFactorView::Mailbox(code(None))));
    put(pages, "lost-factor-sent", lost(LostFactorView::Mailbox(code(Some("KMTP")))));
    put(pages, "lost-factor-begin", lost(LostFactorView::Begin));
    put(pages, "lost-factor-waiting", lost(LostFactorView::Waiting { until: since(lang) }));
    put(pages, "lost-factor-remove", lost(LostFactorView::Remove(code(None))));
    put(pages, "lost-factor-remove-sent", lost(LostFactorView::Remove(code(Some("KMTP")))));
}

fn security(lang: Lang, pages: &mut Pages) {
    let row = || FactorRow { since: since(lang), last_used: Some(since(lang)) };
    let page = |totp, passkeys, codes_left| SecurityPage {
        shell: at_home(lang, true),
        password_since: since(lang),
        totp,
        thaid: None,
        passkeys,
        codes_left,
        removal: None,
    };
    put(pages, "security", page(None, Some(0), None));
    put(pages, "security-totp", page(Some(row()), None, Some(7)));
    put(pages, "security-passkeys", page(None, Some(2), Some(10)));
    put(pages, "security-lost", SecurityPage { removal: Some(until(lang)), ..page(None, Some(2), Some(10)) });
    let (open, closed) = (ThaidRow { closed_since: None }, ThaidRow { closed_since: Some(since(lang)) });
    put(pages, "security-thaid", SecurityPage { thaid: Some(open), ..page(None, Some(0), None) });
    put(pages, "security-thaid-closed", SecurityPage { thaid: Some(closed), ..page(None, Some(0), None) });
    let door = |closed_since| ThaidDoorPage { shell: at_home(lang, true), closed_since };
    put(pages, "thaid_door", door(None));
    put(pages, "thaid_door-closed", door(Some(since(lang))));
    let address = "otpauth://totp/MOC%20Account:somchai%40mail.example?secret=GEZDGNBVGY3TQOJQ&issuer=MOC%20Account";
    let totp = |errors| TotpPage {
        shell: at_home(lang, true),
        errors,
        picture: qr::Picture::of(address),
        secret: "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ".to_owned(),
        address: address.to_owned(),
    };
    put(pages, "totp", totp(FieldErrors::none()));
    put(pages, "totp-wrong", totp(faults(&[("code", "totp-first-wrong")])));
    put(pages, "totp_remove", RemoveFactorPage { shell: at_home(lang, true) });
    let codes = |codes| RecoveryCodesPage { shell: at_home(lang, true), codes, left: 7 };
    put(pages, "recovery_codes", codes(Vec::new()));
    put(pages, "recovery_codes-fresh", codes(vec!["7K3M-Q2XA-90TB-WZ4E".to_owned(); 10]));
}

fn registration(lang: Lang, pages: &mut Pages) {
    let none = FieldErrors::none;
    put(
        pages,
        "register_type",
        MemberTypePage { shell: on_the_way(lang), request: Some("9f8c".to_owned()), errors: none() },
    );
    let document = |kind| Document::in_force(kind, lang, &Contact::default());
    let (terms, privacy) = (document(DocumentKind::Terms), document(DocumentKind::Privacy));
    let terms_page = |errors| TermsPage { shell: shell(lang), errors, terms: terms.clone(), privacy: privacy.clone() };
    put(pages, "register_terms", terms_page(none()));
    let unticked = faults(&[("accept_terms", "terms-accept-first"), ("read_privacy", "terms-privacy-first")]);
    put(pages, "register_terms-faults", terms_page(unticked));
    let email = |errors, email: &str, staff| EmailPage { shell: shell(lang), errors, email: email.to_owned(), staff };
    put(pages, "register_email", email(none(), "", false));
    put(pages, "register_email-staff", email(faults(&[("email", "email-check")]), "somchai@", true));
    let code = |errors, resend_after| CodePage {
        shell: shell(lang),
        errors,
        sent_to: "somchai.jaidee@a-rather-long-mail-domain.example.com".to_owned(),
        reference: "KMTP".to_owned(),
        minutes_valid: 10,
        resend_after,
        action: "/register/code",
        resend_action: "/register/code/resend",
        back_href: "/register/email",
        step: Some(3),
        request: None,
    };
    put(pages, "code", code(none(), 60));
    put(pages, "code-bad", code(faults(&[("code", "otp-bad")]), 0));

    let details = |staff, errors, form| DetailsPage {
        shell: shell(lang),
        errors,
        email: EMAIL.to_owned(),
        staff,
        form,
        password_min: 15,
    };
    let outside = DetailsForm { personnel_type: "outside".to_owned(), ..DetailsForm::default() };
    put(pages, "register_details", details(false, none(), outside));
    let typed = DetailsForm {
        title: "นาย".to_owned(),
        first_name: "นายสมชาย".to_owned(),
        last_name: "ใจดี".to_owned(),
        sex: "male".to_owned(),
        birth_day: "20".to_owned(),
        birth_month: "5".to_owned(),
        birth_year: "1995".to_owned(),
        personnel_type: "inside".to_owned(),
        offer_first_name: Some("สมชาย".to_owned()),
        era_suggestion: Some(2538),
        ..DetailsForm::default()
    };
    let wrong = faults(&[
        ("first_name", "name-title-inside"),
        ("birth_year", "date-era-check"),
        ("organization", "field-missing"),
        ("password", "password-missing"),
    ]);
    put(pages, "register_details-faults", details(true, wrong, typed));

    let welcome = |shell, service| WelcomePage {
        request: None,
        shell,
        service,
        until: until(lang),
        verify_href: "/verify".to_owned(),
        continue_action: "/welcome",
    };
    put(pages, "welcome", welcome(at_home(lang, false), None));
    let shell = Shell { service: Some(service_name(lang)), ..at_home(lang, false) };
    put(pages, "welcome-service", welcome(shell, Some(service_name(lang))));
}

fn verification(lang: Lang, pages: &mut Pages) {
    let choice = |required_by, notice| VerifyChoicePage {
        shell: at_home(lang, false),
        account_email: EMAIL.to_owned(),
        request: Some("9f8c".to_owned()),
        thaid: true,
        notice,
        required_by,
        cancel_href: "/profile".to_owned(),
    };
    put(pages, "verify", choice(None, None));
    put(pages, "verify-required", choice(Some(service_name(lang)), Some(Text::key("ver-down"))));

    put(
        pages,
        "verify_thaid",
        VerifyThaidPage {
            shell: at_home(lang, false),
            account_email: EMAIL.to_owned(),
            begin_href: "/thaid/begin?for=verify".to_owned(),
            back_href: "/verify".to_owned(),
        },
    );

    let card = |staff, errors, error, form| VerifyCardPage {
        request: None,
        shell: at_home(lang, false),
        staff,
        renew: false,
        thaid: None,
        lost: false,
        errors,
        error,
        account_email: EMAIL.to_owned(),
        form,
    };
    put(pages, "verify_card", card(false, FieldErrors::none(), None, CardForm::default()));
    let typed = CardForm {
        national_id: "1000000000018".to_owned(),
        first_name: "Somchai".to_owned(),
        last_name: "ใจดี".to_owned(),
        birth_year: "2538".to_owned(),
        no_day_month: true,
        ..CardForm::default()
    };
    let wrong = faults(&[("national_id", "ver-pid-bad"), ("first_name", "ver-thai-only")]);
    let (renew, thaid) = (true, Some("/thaid/begin?for=renew".to_owned()));
    let plain = card(false, FieldErrors::none(), None, CardForm::default());
    put(pages, "verify_card-renew", VerifyCardPage { renew, thaid, ..plain });
    put(pages, "verify_card-faults", card(true, wrong, None, typed.clone()));
    let typed = CardForm { era_suggestion: Some(2538), offer_first_name: Some("สมชาย".to_owned()), ..typed };
    let error = Some(Text::key("ver-fail").with("n", 4));
    put(pages, "verify_card-mismatch", card(false, FieldErrors::none(), error, typed));

    put(
        pages,
        "verify_mailbox",
        StaffMailboxPage {
            request: None,
            shell: at_home(lang, false),
            errors: FieldErrors::none(),
            email: String::new(),
            domains: vec!["moc.go.th".to_owned(), "dbd.go.th".to_owned(), "ditp.go.th".to_owned()],
        },
    );
    put(
        pages,
        "verify_done",
        VerifyDonePage {
            shell: Shell { service: Some(service_name(lang)), ..at_home(lang, true) },
            name: pick(lang, "นายสมชาย ใจดี", "Mr Somchai Jaidee"),
            method: Text::key("method-register"),
            since: since(lang),
            continue_href: "/authorize/continue".to_owned(),
            service: Some(service_name(lang)),
        },
    );
    let again = pick(lang, "24 พฤศจิกายน 2569 เวลา 00.00 น.", "24 November 2026, 00:00");
    let stopped = |kind, retry: Option<&str>| VerifyStoppedPage {
        shell: at_home(lang, false),
        kind,
        continue_href: "/profile".to_owned(),
        continue_text: Text::key("go-profile"),
        retry_href: retry.map(str::to_owned),
    };
    put(pages, "verify_stopped-held", stopped(StoppedKind::HeldByOther, None));
    let rests = StoppedKind::NumberRests { date: until(lang) };
    put(pages, "verify_stopped-rests", stopped(rests, None));
    put(pages, "verify_stopped-card", stopped(StoppedKind::CardInvalid, None));
    put(pages, "verify_stopped-counter", stopped(StoppedKind::Deceased, None));
    put(pages, "verify_stopped-down", stopped(StoppedKind::Unavailable, Some("/verify")));
    put(pages, "verify_stopped-tries", stopped(StoppedKind::TriesUsedUp { again }, None));
    put(pages, "verify_stopped-young", stopped(StoppedKind::TooYoung, None));
    put(pages, "verify_stopped-else", stopped(StoppedKind::SomebodyElse, Some("/verify")));
    put(pages, "verify_stopped-staff", stopped(StoppedKind::StaffNotFound, Some("/verify")));
}

fn service(lang: Lang, pages: &mut Pages) {
    let item = |scope: &str, label, values: &[&str], already| ConsentItem {
        scope: scope.to_owned(),
        label: Text::key(label),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        already,
    };
    let name = pick(lang, "สมชาย ใจดี", "Somchai Jaidee");
    let birth = pick(lang, "20 พฤษภาคม 2538", "20 May 1995 (B.E. 2538)");
    put(
        pages,
        "consent",
        ConsentPage {
            shell: Shell { service: Some(service_name(lang)), ..at_home(lang, true) },
            request: "9f8c".to_owned(),
            service: ServiceCard {
                name: service_name(lang),
                owner: pick(lang, "กรมทรัพย์สินทางปัญญา", "Department of Intellectual Property"),
                purpose: pick(lang, "ยื่นและติดตามคำขอ", "filing and following applications"),
                links: links(lang),
            },
            shown: "openid membership".to_owned(),
            items: vec![
                item("membership", "scope-membership", &[], true),
                item("profile", "scope-profile", &[&name, &birth], false),
                item("email", "scope-email", &[EMAIL], false),
                item("phone", "scope-phone", &["081-234-5678"], false),
                item("organization", "scope-organization", &[], false),
                item("citizen_id", "scope-citizen-id", &["x-xxxx-xxxxx-01-7"], false),
                item("verified_claims", "scope-verified", &[], false),
            ],
        },
    );
    let device = |errors| DevicePage { shell: shell(lang), errors, user_code: "BCDF-GHJK".to_owned() };
    put(pages, "device", device(FieldErrors::none()));
    let mut wrong = FieldErrors::none();
    wrong.add("user_code", Text::key("device-wrong"));
    put(pages, "device-wrong", device(wrong));
    put(
        pages,
        "device_confirm",
        DeviceConfirmPage {
            shell: at_home(lang, true),
            request: "9f8c".to_owned(),
            user_code: "BCDF-GHJK".to_owned(),
            service: ServiceCard {
                name: service_name(lang),
                owner: pick(lang, "กรมทรัพย์สินทางปัญญา", "Department of Intellectual Property"),
                purpose: pick(lang, "ยื่นและติดตามคำขอ", "filing and following applications"),
                links: ServiceLinks { name: service_name(lang), ..ServiceLinks::default() },
            },
            shown: "openid profile".to_owned(),
            items: vec![item("profile", "scope-profile", &[&name, &birth], true)],
        },
    );
    put(
        pages,
        "form_post",
        FormPostPage {
            shell: shell(lang),
            action: "https://ip.example/callback".to_owned(),
            fields: vec![("code".to_owned(), "c0de".to_owned()), ("state".to_owned(), "st\"ate".to_owned())],
        },
    );
}

fn profile(lang: Lang, pages: &mut Pages) {
    let page = |membership, verified| ProfilePage {
        shell: at_home(lang, verified),
        full_name: pick(lang, "นายสมชาย ใจดี", "นายสมชาย ใจดี"),
        full_name_en: Some("Somchai Jaidee".to_owned()),
        email: EMAIL.to_owned(),
        phone: Some("081-234-5678".to_owned()),
        birth: pick(lang, "20 พฤษภาคม 2538", "20 May 1995 (B.E. 2538)"),
        sex: Text::key("sex-male"),
        organization: pick(lang, "บริษัท ตัวอย่างการค้า จำกัด", "Tua Yang Trading Co., Ltd."),
        department: String::new(),
        position: pick(lang, "ผู้จัดการฝ่ายส่งออก", "Export manager"),
        personnel_type: Text::key("reg-ptype-out"),
        about: shown(),
        picture: Some(crate::assets::url("touch-icon.png")),
        membership,
        sessions: vec![
            SessionRow {
                device: "Chrome · Android".to_owned(),
                since: since(lang),
                last: pick(lang, "14.30 น.", "14:30"),
                current: true,
            },
            SessionRow {
                device: "Firefox · Windows".to_owned(),
                since: since(lang),
                last: since(lang),
                current: false,
            },
        ],
        verify_href: "/verify".to_owned(),
        review: Some(Text::key("rev-own-waiting")),
        removal: None,
    };
    let temporary = MembershipView::Temporary { days_left: 42, until: until(lang) };
    let permanent = MembershipView::Permanent {
        since: since(lang),
        method: Text::key("method-staff"),
        number_masked: "x-xxxx-xxxxx-01-7".to_owned(),
    };
    put(pages, "profile", page(permanent, true));
    put(
        pages,
        "profile-temporary",
        ProfilePage {
            full_name_en: None,
            phone: None,
            organization: String::new(),
            about: AboutForm::default(),
            picture: None,
            ..page(temporary, false)
        },
    );
    put(pages, "profile-ended", page(MembershipView::Ended { since: until(lang) }, false));
    account(lang, pages);
    put(pages, "ended", EndedPage { shell: at_home(lang, false), since: until(lang), erased_on: Some(until(lang)) });
}

fn passkeys(lang: Lang, pages: &mut Pages) {
    let row = |number: u8, name: &str, last: Option<String>, backed_up| PasskeyRow {
        id: format!("6f1d7a3e-5d3c-4f7e-9b1a-2c3d4e5f6a{number}b"),
        name: name.to_owned(),
        since: since(lang),
        last,
        backed_up,
        credential: "AAEC".to_owned(),
    };
    let page = || PasskeysPage {
        shell: at_home(lang, true),
        passkeys: vec![
            row(1, "Chrome, Android", Some(since(lang)), true),
            row(2, &pick(lang, "คอมพิวเตอร์ที่ทำงาน", "Computer at work"), None, false),
        ],
        owner: "AAEC".to_owned(),
        room: true,
        proven: true,
        prove_href: "/login?again=yes".to_owned(),
        suggestion: "Chrome, Android".to_owned(),
        notice: None,
        error: None,
    };
    put(pages, "passkeys", PasskeysPage { notice: Some(Text::key("passkey-added")), ..page() });
    put(pages, "passkeys-unproven", PasskeysPage { proven: false, passkeys: Vec::new(), ..page() });
    put(pages, "passkeys-full", PasskeysPage { room: false, error: Some(Text::key("passkey-no-room")), ..page() });
}

fn account(lang: Lang, pages: &mut Pages) {
    let services = vec![
        LinkedService {
            id: "ip-filing".to_owned(),
            name: service_name(lang),
            owner: pick(lang, "กรมทรัพย์สินทางปัญญา", "Department of Intellectual Property"),
            since: since(lang),
            last: Some(since(lang)),
            asked: true,
            items: vec![Text::key("scope-membership"), Text::key("scope-profile"), Text::key("scope-email")],
        },
        LinkedService {
            id: "prices".to_owned(),
            name: pick(lang, "ร้องเรียนราคาสินค้า", "Price Complaints"),
            owner: pick(lang, "กรมการค้าภายใน", "Department of Internal Trade"),
            since: since(lang),
            last: Some(since(lang)),
            asked: false,
            items: vec![Text::key("scope-membership")],
        },
    ];
    let receipt = |number, given| ReceiptRow { number, name: service_name(lang), given, at: since(lang) };
    let receipts = vec![receipt(12, false), receipt(7, true)];
    put(pages, "services", ServicesPage { shell: at_home(lang, true), services, receipts });
    let none = ServicesPage { shell: at_home(lang, true), services: Vec::new(), receipts: Vec::new() };
    put(pages, "services-none", none);
    let receipt = |given| ReceiptPage {
        shell: at_home(lang, true),
        number: 7,
        name: service_name(lang),
        owner: pick(lang, "กรมทรัพย์สินทางปัญญา", "Department of Intellectual Property"),
        purpose: pick(lang, "ยื่นและติดตามคำขอ", "filing and following applications"),
        given,
        at: since(lang),
        items: vec![Text::key("scope-profile"), Text::key("scope-email")],
        text_version: Some("2026-11".to_owned()),
        documents: vec![(Text::key("receipt-terms").with("version", "2569-1"), "/terms/2569-1".to_owned())],
    };
    put(pages, "receipt", receipt(true));
    let bare = ReceiptPage { items: Vec::new(), text_version: None, documents: Vec::new(), ..receipt(false) };
    put(pages, "receipt-withdrawn", bare);
    let at = |key, n: u32| Text::key(key).with("date", since(lang)).with("n", n);
    let seen = [
        Seen {
            who: Text::key("seen-staff"),
            what: Vec::new(),
            why: Some(pick(lang, "ตอบคำถามของสมาชิก เรื่องที่ 1042", "The member asked, case 1042")),
            when: Text::key("seen-once").with("date", since(lang)),
        },
        Seen {
            who: Text::key("seen-service").with("name", service_name(lang)),
            what: vec![Text::key("scope-profile"), Text::key("scope-email")],
            why: None,
            when: at("seen-times", 3),
        },
    ];
    let list = |id, heading, lines: &[Seen], older: Option<&str>| SeenList {
        id,
        heading,
        lines: lines.to_vec(),
        older_href: older.map(str::to_owned),
    };
    let officials = list("officials", "seen-officials", &seen[..1], Some("/profile/data/seen?by=officials&before=7"));
    let services = list("services", "seen-services", &seen[1..], None);
    let here = || at_home(lang, true);
    put(pages, "data", DataPage { shell: here(), seen: vec![officials.clone(), services.clone()] });
    put(pages, "seen", SeenPage { shell: here(), list: officials, newest_href: None });
    let newest_href = Some("/profile/data/seen?by=services".to_owned());
    put(pages, "seen-last", SeenPage { shell: here(), list: services, newest_href: newest_href.clone() });
    let none = list("services", "seen-services", &[], None);
    put(pages, "seen-none", SeenPage { shell: here(), list: none, newest_href });
    put(pages, "data-unseen", DataPage { shell: at_home(lang, true), seen: Vec::new() });
    let line = |label, value: &str| HeldLine { label, value: value.to_owned() };
    let row = || vec![line("held-at", &since(lang)), line("held-device", "Chrome, Android")];
    let section = |label, rows| HeldSection { label, rows };
    let sections = vec![
        section("held-account", vec![vec![line("held-id", "0b9f"), line("email-label", EMAIL)]]),
        section("held-sessions", vec![row(), row(), row(), row()]),
        section("held-mails", Vec::new()),
    ];
    put(pages, "held", HeldPage { shell: at_home(lang, true), sections, made_at: since(lang) });
    put(pages, "restrict", RestrictPage { shell: at_home(lang, true), since: None });
    put(pages, "restrict-lift", RestrictPage { shell: at_home(lang, true), since: Some(since(lang)) });
    let form = || DetailsForm {
        title: "นาย".to_owned(),
        first_name: "สมชาย".to_owned(),
        last_name: "ใจดี".to_owned(),
        sex: "male".to_owned(),
        birth_day: "20".to_owned(),
        birth_month: "5".to_owned(),
        birth_year: "2538".to_owned(),
        personnel_type: "outside".to_owned(),
        ..DetailsForm::default()
    };
    let edit = |verified, errors| EditPage { shell: at_home(lang, true), errors, verified, staff: false, form: form() };
    put(pages, "edit", edit(None, FieldErrors::none()));
    let facts = VerifiedFacts {
        first_name: "สมชาย".to_owned(),
        last_name: "ใจดี".to_owned(),
        birth: pick(lang, "20 พฤษภาคม 2538", "20 May 1995 (B.E. 2538)"),
    };
    put(pages, "edit-verified", edit(Some(facts), FieldErrors::none()));
    put(pages, "edit-bad", edit(None, faults(&[("birth_year", "error-child")])));
    let about = |form, picture: Option<&str>, receivers: &[String], errors| AboutPage {
        shell: at_home(lang, true),
        errors,
        form,
        picture: picture.map(str::to_owned),
        receivers: receivers.to_vec(),
        removed: (!receivers.is_empty())
            .then(|| Text::key("about-removed").with("date", since(lang)).with("reason", "12/2569")),
    };
    put(pages, "about", about(AboutForm::default(), None, &[], FieldErrors::none()));
    // Any picture will do.
    let picture = crate::assets::url("touch-icon.png");
    put(pages, "about-full", about(shown(), Some(&picture), &[service_name(lang)], FieldErrors::none()));
    let typed = AboutForm { website: "shop.example".to_owned(), ..shown() };
    let wrong = faults(&[("picture", "error-picture-format"), ("website", "error-web-https")]);
    put(pages, "about-bad", about(typed, None, &[], wrong));
    let document = |kind| Some(Document::in_force(kind, lang, &Contact::default()));
    let accept = |errors, terms, privacy| AcceptPage {
        shell: on_the_way(lang),
        errors,
        terms,
        privacy,
        version: "2569-1+2569-4",
        request: Some("9f8c".to_owned()),
        cancel_href: "/signout".to_owned(),
    };
    put(pages, "accept", accept(FieldErrors::none(), None, document(DocumentKind::Privacy)));
    let wrong = faults(&[("accept_terms", "error-accept-terms"), ("read_privacy", "error-read-privacy")]);
    put(pages, "accept-bad", accept(wrong, document(DocumentKind::Terms), document(DocumentKind::Privacy)));
    let old = Document::of_version(DocumentKind::Privacy, "2569-2", lang, &Contact::default()).unwrap();
    put(pages, "document-old", DocumentPage { shell: shell(lang), document: old });
}

fn leaving(lang: Lang, pages: &mut Pages) {
    let delete = |errors| DeletePage { shell: at_home(lang, true), email: "somchai@mail.example".to_owned(), errors };
    put(pages, "delete", delete(FieldErrors::none()));
    put(pages, "delete-bad", delete(faults(&[("password", "delete-password-bad")])));
    let message = |id, title, body, actions| {
        let sign = if id == "signed-out" { Sign::Done } else { Sign::Notice };
        MessagePage { shell: shell(lang), id, sign, title, body, actions }
    };
    let to_login = || Action::primary("/login", Text::key("go-login"));
    let back = Action::secondary("https://ip.example/", Text::key("go-service").with("client", service_name(lang)));
    put(
        pages,
        "message-signed-out",
        message("signed-out", Text::key("logout-done"), vec![Text::key("signed-out-body")], vec![to_login(), back]),
    );
    let body = vec![Text::key("deleted-body").with("date", until(lang))];
    put(pages, "message-deleted", message("deleted", Text::key("deleted-title"), body, vec![to_login()]));
    let frames = vec!["https://ip.example/out?iss=https%3A%2F%2Faccount.test&sid=9f8c".to_owned()];
    let return_to = Some("https://ip.example/bye".to_owned());
    put(pages, "signed-out-back", SignedOutPage { shell: shell(lang), frames: frames.clone(), return_to });
    put(pages, "signed-out-here", SignedOutPage { shell: shell(lang), frames, return_to: None });
    put(
        pages,
        "signout",
        SignOutPage {
            shell: at_home(lang, true),
            service: Some(service_name(lang)),
            request: Some("9f8c".to_owned()),
            cancel_href: "/profile".to_owned(),
        },
    );
    put(
        pages,
        "error",
        ErrorPage {
            shell: shell(lang),
            code: "invalid_request".to_owned(),
            title: Text::key("stop-down-title"),
            body: Text::key("rate-limited"),
            detail: Some("redirect_uri is not registered for this client".to_owned()),
            actions: vec![to_login()],
            reference: "0197c2a4-5b1e-7c3d".to_owned(),
        },
    );
    let when = pick(lang, "23 พฤศจิกายน 2569 เวลา 14.30 น.", "23 November 2026, 14:30");
    put(
        pages,
        "not_me",
        NotMePage {
            shell: shell(lang),
            token: "t0ken".to_owned(),
            what: Text::key("not-me-verified").with("when", when),
            then: Text::key("not-me-then"),
            confirm: Text::key("not-me-confirm"),
        },
    );
    changes(lang, pages);
    let recover = |errors, email: &str| RecoverPage {
        shell: shell(lang),
        request: None,
        errors,
        email: email.to_owned(),
        work: None,
    };
    put(pages, "recover", recover(FieldErrors::none(), ""));
    put(pages, "recover-bad", recover(faults(&[("email", "email-check")]), "somchai@"));
    let new_password = |proof, errors| NewPasswordPage {
        shell: shell(lang),
        email: EMAIL.to_owned(),
        proof,
        password_min: 15,
        errors,
    };
    let link = PasswordProof::Link { token: "t0ken".to_owned(), request: Some("9f8c".to_owned()) };
    put(pages, "new_password", new_password(link, FieldErrors::none()));
    let wrong = faults(&[("current", "delete-password-bad"), ("password", "password-missing")]);
    put(pages, "new_password-bad", new_password(PasswordProof::Current, wrong));
    let document =
        |kind| DocumentPage { shell: shell(lang), document: Document::in_force(kind, lang, &Contact::default()) };
    put(pages, "document-terms", document(DocumentKind::Terms));
    put(pages, "document-privacy", document(DocumentKind::Privacy));
}

/// A change of address, and the history of sign-ins.
fn changes(lang: Lang, pages: &mut Pages) {
    let email = |errors, email: &str| EmailChangePage {
        shell: at_home(lang, true),
        errors,
        current: EMAIL.to_owned(),
        email: email.to_owned(),
    };
    put(pages, "email_change", email(FieldErrors::none(), ""));
    put(pages, "email_change-same", email(faults(&[("email", "change-email-same")]), EMAIL));
    put(pages, "email_undo", EmailUndoPage { shell: shell(lang), token: "t0ken".to_owned(), email: EMAIL.to_owned() });
    let when = || pick(lang, "23 พฤศจิกายน 2569 เวลา 14.30 น.", "23 November 2026, 14:30");
    let row = |outcome, result, how, current| HistoryRow {
        at: when(),
        outcome,
        result: Text::key(result),
        how: Text::key(how),
        device: "Chrome, Android".to_owned(),
        network: pick(lang, "เครือข่ายที่ขึ้นต้นด้วย 203.0.113", "Network beginning with 203.0.113"),
        same_network: current,
        service: current.then(|| service_name(lang)),
        current,
    };
    let session = |id: &str, current| LiveSession {
        id: id.to_owned(),
        device: "Chrome, Windows".to_owned(),
        since: when(),
        last: when(),
        current,
    };
    let history = |sessions, rows, older: Option<&str>| HistoryPage {
        shell: at_home(lang, true),
        first: older.is_some(),
        sessions,
        rows,
        older_href: older.map(str::to_owned),
        days: 180,
    };
    let rows = vec![
        row(Outcome::Success, "history-success", "history-how-password", true),
        row(Outcome::Refused, "history-wrong-password", "history-how-password", false),
        row(Outcome::Refused, "history-refused-factor", "history-how-factor", false),
        row(Outcome::Success, "history-success", "history-how-passkey", false),
    ];
    let older = "/profile/history?before=7";
    put(pages, "history", history(vec![session("9f8c", true), session("7b1a", false)], rows, Some(older)));
    put(pages, "history-empty", history(Vec::new(), Vec::new(), None));
}
