//! Samples of the console's pages.

use idp_core::admin::{Role, Staff, StaffRole};
use idp_core::id::AccountId;

use super::*;
use crate::admin::paths;
use crate::view::console;
use crate::view::page::admin::{
    AgainPage, ApprovalRow, ApprovalsPage, AuditForm, AuditPage, AuditRow, ClientDonePage, ClientFilter, ClientForm,
    ClientFormPage, ClientPage, ClientRow, ClientsPage, DashboardPage, EndpointRow, HomePage, InvitationPage,
    InvitationRow, NoticeRow, Outcome, RangeLink, ScopeTick, Snippet, StaffForm, StaffPage, StaffRow, Tile,
    TrafficForm, TrafficPage, TrafficRow, TrialCheck, TrialPage, TrialStep, Weak,
};
use crate::view::plot::{Kind, Plot, Shape};

/// The console of a super admin.
pub(super) fn desk(here: &str) -> Console {
    let account_id = AccountId(uuid::Uuid::from_u128(7));
    let row = StaffRole {
        id: uuid::Uuid::nil(),
        account_id,
        role: Role::SuperAdmin,
        department: None,
        given_by: None,
        since: chrono::DateTime::UNIX_EPOCH,
        ended_at: None,
    };
    Console::for_staff(&Staff::of(account_id, &[row]).unwrap(), here)
}

pub(super) fn write(lang: Lang, pages: &mut Pages) {
    put(pages, "admin-home", HomePage { shell: at_home(lang, true), console: desk(paths::HOME) });
    put(pages, "admin-staff", staff(lang, FieldErrors::none(), None));
    let errors = faults(&[("role", "adm-staff-choose-role"), ("email", "adm-staff-no-account")]);
    let link =
        "https://account.moc.go.th/staff/invitation?token=0123456789012345678901234567890123456789012".to_owned();
    put(pages, "admin-staff-faults", staff(lang, errors, Some(link)));
    let invitation = |shell| InvitationPage {
        shell,
        token: "0123".to_owned(),
        role: Text::key(console::role(Role::ClientAdmin)),
        department: Some(pick(lang, "กรมการค้าภายใน", "Department of Internal Trade")),
    };
    put(pages, "admin-invitation", invitation(at_home(lang, true)));
    put(pages, "admin-invitation-signed-out", invitation(shell(lang)));
    let again = AgainPage {
        shell: at_home(lang, true),
        console: desk(paths::HOME),
        what: Text::key("again-ask"),
        action: "/admin/client/ip-filing/ask".to_owned(),
        back: "/admin/client/ip-filing".to_owned(),
        said: vec![pick(lang, "กฎหมายกำหนดให้ตรวจเลข", "The law asks for it")],
        fields: vec![("reason".to_owned(), "<b>\"'".to_owned())],
    };
    put(pages, "admin-again", again);
    dashboard(lang, pages);
    traffic(lang, pages);
    clients(lang, pages);
    approvals(lang, pages);
    audit(lang, pages);
}

fn traffic(lang: Lang, pages: &mut Pages) {
    let page = |errors, rows: Option<Vec<TrafficRow>>| TrafficPage {
        shell: at_home(lang, true),
        console: desk(paths::TRAFFIC),
        form: TrafficForm {
            address: "203.0.113.7".to_owned(),
            reason: "case 12/2569".to_owned(),
            ..TrafficForm::default()
        },
        errors,
        next: rows.as_ref().map(|_| "cursor".to_owned()),
        rows,
    };
    let id = uuid::Uuid::from_u128(9).to_string();
    let row = TrafficRow {
        at: since(lang),
        what: "sign_in POST 303".to_owned(),
        account: Some(id.clone()),
        session: Some(id),
        client: Some("ditp-academy".to_owned()),
        from: "203.0.113.7:51432".to_owned(),
    };
    put(pages, "admin-traffic", page(FieldErrors::none(), Some(vec![row.clone(), row])));
    put(pages, "admin-traffic-empty", page(FieldErrors::none(), Some(Vec::new())));
    put(pages, "admin-traffic-faults", page(faults(&[("account", "trf-too-wide"), ("from", "trf-bad-day")]), None));
}

fn dashboard(lang: Lang, pages: &mut Pages) {
    let axis: Vec<String> = (0..24).map(|hour| format!("{hour:02}:00")).collect();
    let kind = |name, paint, least: u64| Kind {
        name: Text::key(name),
        paint,
        values: (0..24).map(|hour| Some(least + hour * hour % 17)).collect(),
    };
    let kinds = [kind("dash-signed-in", 1, 20), kind("dash-sign-in-failed", 2, 3)];
    let page = |full: bool| DashboardPage {
        shell: at_home(lang, true),
        console: desk(paths::DASHBOARD),
        ranges: ["dash-range-day", "dash-range-week", "dash-range-month", "dash-range-year"].map(|label| RangeLink {
            href: "/admin/dashboard?range=week".to_owned(),
            label: Text::key(label),
            current: label == "dash-range-day",
        }),
        tiles: vec![
            Tile { id: "a", label: Text::key("dash-tile-permanent"), value: "812,344".to_owned(), alarming: false },
            Tile { id: "b", label: Text::key("dash-tile-mails"), value: "4,120".to_owned(), alarming: true },
        ],
        unused: usize::from(full),
        unused_days: 90,
        unused_href: "/admin/clients?only=unused".to_owned(),
        people: vec![Plot::of("p", "dash-sign-ins", Shape::Bars, &axis, if full { &kinds } else { &[] })],
        deliveries: vec![Plot::of("d", "dash-mails", Shape::Bars, &axis, if full { &kinds[..1] } else { &[] })],
        answers: [
            ("a", "dash-plot-answers", Shape::Bars),
            ("e", "dash-plot-errors", Shape::Bars),
            ("l", "dash-latency", Shape::Lines),
        ]
        .map(|(id, title, shape)| Plot::of(id, title, shape, &axis, if full { &kinds } else { &[] })),
        endpoint: full.then_some("token"),
        all_href: "/admin/dashboard".to_owned(),
        endpoints: full
            .then(|| EndpointRow {
                name: "token",
                href: "/admin/dashboard?endpoint=token".to_owned(),
                requests: "12,000".to_owned(),
                refused: "0.25".to_owned(),
                failed: "0.01".to_owned(),
                failing: true,
                p50: "4".to_owned(),
                p95: "12".to_owned(),
                p99: "33".to_owned(),
            })
            .into_iter()
            .collect(),
        csv: "/admin/dashboard.csv?range=day".to_owned(),
        taken: since(lang),
    };
    put(pages, "admin-dashboard", page(true));
    put(pages, "admin-dashboard-empty", page(false));
}

fn staff(lang: Lang, errors: FieldErrors, invitation: Option<String>) -> StaffPage {
    let row = |n: u128, role| StaffRow {
        id: uuid::Uuid::from_u128(n).to_string(),
        account: uuid::Uuid::from_u128(n + 10).to_string(),
        who: pick(lang, "สมชาย ใจดี", "Somchai Jaidee"),
        role: Text::key(console::role(role)),
        department: (role == Role::ClientAdmin).then(|| pick(lang, "กรมการค้าภายใน", "Department of Internal Trade")),
        since: since(lang),
    };
    let open = |n: u128, by| InvitationRow {
        id: uuid::Uuid::from_u128(n).to_string(),
        role: Text::key(console::role(Role::ClientAdmin)),
        department: Some(pick(lang, "กรมการค้าภายใน", "Department of Internal Trade")),
        by,
        until: until(lang),
    };
    StaffPage {
        shell: at_home(lang, true),
        console: desk(paths::STAFF),
        rows: vec![row(1, Role::SuperAdmin), row(2, Role::ClientAdmin)],
        invitations: vec![open(3, Some(pick(lang, "สมชาย ใจดี", "Somchai Jaidee"))), open(4, None)],
        once: "name.tag".to_owned(),
        may_change: true,
        roles: Role::ALL.map(|role| (role.as_str(), Text::key(console::role(role)))).to_vec(),
        departments: console::departments(lang),
        form: StaffForm::default(),
        invitation,
        errors,
    }
}

fn weak() -> Vec<Weak> {
    vec![
        Weak { text: Text::key("cli-weak-pkce"), serious: true },
        Weak { text: Text::key("cli-weak-rs256"), serious: false },
    ]
}

fn clients(lang: Lang, pages: &mut Pages) {
    let row = |id: &str, status: &'static str, word: &'static str| ClientRow {
        href: format!("/admin/client/{id}"),
        id: id.to_owned(),
        name: service_name(lang),
        owner: pick(lang, "กรมทรัพย์สินทางปัญญา", "Department of Intellectual Property"),
        status: Text::key(status),
        status_word: word,
        used: (word == "active").then(|| since(lang)),
        unused: word == "active",
        secret_made: Some(since(lang)),
        legacy_until: (word == "suspended").then(|| until(lang)),
        weaknesses: if word == "draft" { Vec::new() } else { weak() },
    };
    let list = |rows, next| ClientsPage {
        shell: at_home(lang, true),
        console: desk(paths::CLIENTS),
        rows,
        next,
        filter: ClientFilter::default(),
        unused_days: 90,
        statuses: vec![("active", Text::key("cli-status-active"))],
        departments: console::departments(lang),
        may_create: true,
    };
    let rows = vec![
        row("ip-filing", "cli-status-active", "active"),
        row("ip-trial", "cli-status-draft", "draft"),
        row("ip-old", "cli-status-suspended", "suspended"),
    ];
    put(pages, "admin-clients", list(rows, Some("/admin/clients?after=x".to_owned())));
    put(pages, "admin-clients-none", list(Vec::new(), None));
    put(pages, "admin-client", client(lang, FieldErrors::none()));
    put(pages, "admin-client-faults", client(lang, faults(&[("reason", "error-reason-personal")])));
    put(pages, "admin-client-form", form(lang, FieldErrors::none(), None));
    let mut errors = faults(&[("name_th", "cli-bad-name"), ("method", "cli-bad-method")]);
    errors.add("redirect_uris", Text::key("cli-bad-uri-insecure").with("uri", "http://service.example/cb"));
    put(pages, "admin-client-form-faults", form(lang, errors, Some("ip-filing".to_owned())));
    let done = ClientDonePage {
        shell: at_home(lang, true),
        console: desk(paths::CLIENTS),
        title: Text::key("cli-done-title"),
        client_id: "ip-filing".to_owned(),
        secret: Some("0123456789012345678901234567890123456789012".to_owned()),
        issuer: "https://account.moc.go.th".to_owned(),
        snippets: vec![Snippet { stack: "Node.js (openid-client)", text: "const a = \"<b>\";".to_owned() }],
        href: "/admin/client/ip-filing".to_owned(),
        may_try: true,
    };
    put(pages, "admin-client-done", done);
    put(pages, "admin-client-trial", trial(lang, true));
    put(pages, "admin-client-trial-failed", trial(lang, false));
}

fn trial(lang: Lang, passed: bool) -> TrialPage {
    let step = |outcome, words, why| TrialStep {
        title: Text::key("try-token"),
        about: Text::key("try-token-about"),
        outcome,
        outcome_words: Text::key(words),
        request: "POST /token\n\ncode=abcd… (43)".to_owned(),
        answer: "200 OK\n\n{}".to_owned(),
        checks: vec![TrialCheck {
            words: Text::key("try-check-nonce"),
            outcome,
            outcome_words: Text::key(words),
            value: "n-0S6_WzA2Mj".to_owned(),
        }],
        why,
    };
    let mut steps = vec![step("passed", "try-passed", None)];
    if !passed {
        steps.push(step("failed", "try-failed", Some(Text::key("try-why-token-refused"))));
        steps.push(step("skipped", "try-skipped", None));
    }
    TrialPage {
        shell: at_home(lang, true),
        console: desk(paths::CLIENTS),
        name: pick(lang, "ยื่นคำขอทรัพย์สินทางปัญญา", "IP filing"),
        client_id: "ip-filing".to_owned(),
        began: since(lang),
        passed,
        is_draft: passed,
        may_again: true,
        steps,
        apart: vec![Text::key("try-apart-refresh")],
    }
}

fn client(lang: Lang, errors: FieldErrors) -> ClientPage {
    let uri = |text: &str| text.to_owned();
    ClientPage {
        shell: at_home(lang, true),
        console: desk(paths::CLIENTS),
        name: service_name(lang),
        client_id: "ip-filing".to_owned(),
        status: Text::key("cli-status-active"),
        status_word: "active",
        notice: Some(pick(lang, "ปรับปรุงระบบถึงวันจันทร์", "Maintenance until Monday.")),
        owner: pick(lang, "กรมทรัพย์สินทางปัญญา", "Department of Intellectual Property"),
        department: Some(pick(lang, "กรมทรัพย์สินทางปัญญา", "Department of Intellectual Property")),
        stewards: vec!["somchai@moc.example".to_owned()],
        purpose: pick(lang, "รับคำขอจดทะเบียน", "receive filings"),
        logo: Some(crate::assets::url("touch-icon.png")),
        kind: Text::key("cli-kind-web"),
        method: "client_secret_basic",
        algorithm: "ES256",
        scopes: vec![Text::key("scope-membership"), Text::key("scope-email")],
        permanent_only: true,
        first_party: false,
        redirect_uris: vec![uri("https://filing.example.go.th/signin-oidc/a-rather-long-callback-path")],
        post_logout_uris: vec![uri("https://filing.example.go.th/bye")],
        backchannel: Some(uri("https://filing.example.go.th/backchannel")),
        events: vec![Text::key("evt-verified"), Text::key("evt-suspended")],
        events_push: None,
        events_open: vec![(
            Text::key("evt-verified"),
            NoticeRow { made: since(lang), attempts: 2, given_up: None, error: Some("status 500".to_owned()) },
        )],
        keys: None,
        secret_made: Some(since(lang)),
        secret_days: Some(103),
        old_secret_until: Some(until(lang)),
        has_secret: true,
        legacy_until: Some(until(lang)),
        made: since(lang),
        changed: since(lang),
        last_used: Some(since(lang)),
        outcomes: vec![
            Outcome { word: "signed_in".to_owned(), good: true, count: 990, share: "99.0".to_owned() },
            Outcome { word: "invalid_grant".to_owned(), good: false, count: 10, share: "1.0".to_owned() },
        ],
        notices: vec![NoticeRow {
            made: since(lang),
            attempts: 7,
            given_up: Some(since(lang)),
            error: Some("connection refused".to_owned()),
        }],
        delivered: 12,
        weaknesses: weak(),
        waiting: vec![Text::key("adm-ask-citizen-id")],
        may_edit: true,
        may_try: true,
        not_tried: None,
        may_rotate: true,
        steps: vec![("suspend", Text::key("cli-step-suspend"))],
        askable: vec![("client.removal", Text::key("adm-ask-removal"))],
        unverified: false,
        errors,
    }
}

fn form(lang: Lang, errors: FieldErrors, client_id: Option<String>) -> ClientFormPage {
    ClientFormPage {
        shell: at_home(lang, true),
        console: desk(paths::CLIENTS),
        action: "/admin/clients/new".to_owned(),
        client_id: client_id.clone(),
        departments: console::departments(lang),
        scopes: vec![ScopeTick { name: "scope_membership", words: Text::key("scope-membership"), ticked: true }],
        logo: client_id.as_ref().map(|_| crate::assets::url("touch-icon.png")),
        is_kept: client_id.is_some(),
        events: vec![ScopeTick { name: "event_verified", words: Text::key("evt-verified"), ticked: true }],
        form: ClientForm { kind: "web".to_owned(), method: "client_secret_basic".to_owned(), ..ClientForm::default() },
        errors,
    }
}

fn approvals(lang: Lang, pages: &mut Pages) {
    let row = |of_member, may_decide, decided| ApprovalRow {
        id: uuid::Uuid::nil().to_string(),
        kind: Text::key(if of_member { "adm-ask-badge" } else { "adm-ask-citizen-id" }),
        does: Text::key(if of_member { "adm-does-badge" } else { "adm-does-citizen-id" }),
        subject: if of_member { uuid::Uuid::from_u128(8).to_string() } else { "ip-filing".to_owned() },
        href: Some("/admin/client/ip-filing".to_owned()),
        asked: pick(lang, "สมชาย ใจดี", "Somchai Jaidee"),
        reason: pick(lang, "กฎหมายกำหนดให้ตรวจเลข", "The law asks for it"),
        until: until(lang),
        state: Text::key("adm-approval-open"),
        decided,
        may_decide,
        of_member,
        faulty: false,
        own: !may_decide,
    };
    let page = |rows, unverified| ApprovalsPage {
        shell: at_home(lang, true),
        console: desk(paths::APPROVALS),
        unverified,
        rows,
        after: String::new(),
        next: Some("/admin/approvals?after=x".to_owned()),
        typed: String::new(),
        errors: FieldErrors::none(),
    };
    let rows = || vec![row(false, true, None), row(true, true, None), row(false, false, Some(since(lang)))];
    put(pages, "admin-approvals", page(rows(), false));
    let faulty = ApprovalRow { faulty: true, ..row(true, true, None) };
    let errors = faults(&[("reason", "error-reason-short")]);
    put(pages, "admin-approvals-faults", ApprovalsPage { typed: "x".to_owned(), errors, ..page(vec![faulty], false) });
    put(pages, "admin-approvals-none", page(Vec::new(), true));
}

fn audit(lang: Lang, pages: &mut Pages) {
    let row = AuditRow {
        seq: 4711,
        at: since(lang),
        action: "client.changed".to_owned(),
        actor: "staff".to_owned(),
        actor_id: Some(uuid::Uuid::from_u128(7).to_string()),
        account: Some(uuid::Uuid::from_u128(8).to_string()),
        client: Some("ip-filing".to_owned()),
        origin: Some("192.0.2.1".to_owned()),
        detail: Some("{\"changed\":[\"redirect_uris\"]}".to_owned()),
    };
    let page = |rows, broken, sealed| AuditPage {
        shell: at_home(lang, true),
        console: desk(paths::AUDIT),
        rows,
        next: Some("/admin/audit?after=x".to_owned()),
        broken,
        sealed,
        waiting: sealed,
        unchecked: sealed,
        may_export: true,
        most: 50_000,
        form: AuditForm::default(),
    };
    put(pages, "admin-audit", page(vec![row], None, 3));
    put(pages, "admin-audit-broken", page(Vec::new(), Some(Text::key("aud-broken").with("n", 12)), 0));
}
