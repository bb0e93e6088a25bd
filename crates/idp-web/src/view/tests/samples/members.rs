//! Samples of members and reviews as staff see them.

use super::admin::desk;
use super::*;
use crate::admin::paths;
use crate::view::page::MembershipView;
use crate::view::page::admin::{
    DeedForm, Evidence, Found, Line, MemberPage, MemberReasonPage, MemberRow, MembersPage, ReviewPage, ReviewRow,
    ReviewsPage, Shown, WithdrawalRequest,
};

pub(super) fn write(lang: Lang, pages: &mut Pages) {
    put(pages, "admin-members", members(lang, None, FieldErrors::none()));
    let errors = faults(&[("sought", "error-sought-number"), ("reason", "error-reason-short")]);
    put(pages, "admin-members-faults", members(lang, None, errors));
    let row = |standing: Option<&'static str>, membership| MemberRow {
        href: "/admin/members/00000000-0000-4000-8000-000000000007".to_owned(),
        name: "สมชาย ใจดี".to_owned(),
        email: "so•••@example.com".to_owned(),
        membership: Text::key(membership),
        standing: standing.map(Text::key),
        since: since(lang),
    };
    let rows = vec![row(None, "mem-temporary"), row(Some("mem-suspended"), "mem-permanent")];
    let found = Found { rows, next: Some("/admin/members?at=sealed".to_owned()) };
    put(pages, "admin-members-found", members(lang, Some(found), FieldErrors::none()));
    put(
        pages,
        "admin-members-none",
        MembersPage {
            nobody: Some(Text::key("mem-number-nobody")),
            ..members(lang, Some(Found { rows: vec![], next: None }), FieldErrors::none())
        },
    );
    put(pages, "admin-member-reason", reason(lang, FieldErrors::none()));
    put(pages, "admin-member-reason-faults", reason(lang, faults(&[("reason", "error-reason-personal")])));
    put(pages, "admin-member", member(lang));
    let errors = faults(&[("shown", "mem-shown-say")]);
    put(pages, "admin-member-shown", MemberPage { faulty: Some("remove-shown"), errors, ..member(lang) });
    put(pages, "admin-member-permanent", permanent(lang));
    put(pages, "admin-reviews", reviews(lang, true));
    put(pages, "admin-reviews-none", reviews(lang, false));
    put(pages, "admin-review", review(lang, FieldErrors::none()));
    let errors = faults(&[("reason", "error-reason-short"), ("why", "rev-why-missing")]);
    put(pages, "admin-review-faults", review(lang, errors));
    let errors = faults(&[("to", "rev-to-missing"), ("moved_because", "error-reason-short")]);
    let before = vec![
        (Text::key("profile-number"), "x-xxxx-xxxxx-01-7".to_owned()),
        (Text::key("rev-name"), "สมหญิง นามสกุลเดิม".to_owned()),
    ];
    let evidence = vec![
        (Text::key("profile-number"), "x-xxxx-xxxxx-01-7".to_owned()),
        (Text::key("rev-name"), "สมหญิง นามสกุลใหม่".to_owned()),
        (Text::key("rev-registry"), "R-43".to_owned()),
    ];
    let (kind, advice) = (Text::key("rev-kind-name"), Text::key("rev-advice-name"));
    put(pages, "admin-review-name", ReviewPage { kind, advice, before, evidence, ..review(lang, errors) });
    put(
        pages,
        "admin-review-taken",
        ReviewPage {
            may_take: true,
            may_decide: false,
            unverified: true,
            not_done: Some(Text::key("rev-still-held")),
            officers: vec![],
            refusal: Some(Text::key("rev-over")),
            holder_href: Some("/admin/members/00000000-0000-4000-8000-000000000008".to_owned()),
            evidence: vec![],
            ..review(lang, FieldErrors::none())
        },
    );
}

fn members(lang: Lang, found: Option<Found>, errors: FieldErrors) -> MembersPage {
    MembersPage {
        shell: at_home(lang, true),
        console: desk(paths::MEMBERS),
        sought: pick(lang, "สมชาย", "somchai"),
        reason: String::new(),
        by_number: true,
        lists: vec![
            ("/admin/members?list=all".to_owned(), Text::key("mem-list-all"), true),
            ("/admin/members?list=frozen".to_owned(), Text::key("mem-list-frozen"), false),
        ],
        found,
        nobody: None,
        errors,
    }
}

fn reason(lang: Lang, errors: FieldErrors) -> MemberReasonPage {
    MemberReasonPage {
        shell: at_home(lang, true),
        console: desk(paths::MEMBERS),
        action: "/admin/members/00000000-0000-4000-8000-000000000007/open".to_owned(),
        account: "00000000-0000-4000-8000-000000000007".to_owned(),
        reason: String::new(),
        errors,
    }
}

fn line(key: &'static str, lang: Lang) -> Line {
    Line { what: Text::key(key), more: since(lang), href: None }
}

fn deed(word: &'static str, label: &'static str, what: &'static str) -> DeedForm {
    DeedForm {
        word,
        label: Text::key(label),
        what: Text::key(what),
        days: word == "extend",
        shown: match word {
            "remove-shown" => vec![
                Shown {
                    field: "shown_picture".to_owned(),
                    label: Text::key("mem-shown-picture"),
                    text: String::new(),
                    // Any picture will do.
                    picture: Some(crate::assets::url("touch-icon.png")),
                },
                Shown {
                    field: "shown_website".to_owned(),
                    label: Text::key("mem-shown-website"),
                    text: "https://a-rather-long-name-of-a-shop.example/with/a/long/path".to_owned(),
                    picture: None,
                },
            ],
            _ => Vec::new(),
        },
        new_factors: if word == "restore" { 2 } else { 0 },
    }
}

fn member(lang: Lang) -> MemberPage {
    MemberPage {
        shell: at_home(lang, true),
        console: desk(paths::MEMBERS),
        id: "00000000-0000-4000-8000-000000000007".to_owned(),
        base: "/admin/members/00000000-0000-4000-8000-000000000007".to_owned(),
        why: "sealed".to_owned(),
        given_reason: pick(lang, "สมาชิกโทรแจ้ง เรื่องที่ 123/2569", "member called, case 123/2026"),
        done: Some(Text::key("mem-done-extend")),
        not_done: None,
        name: "สมชาย ใจดี".to_owned(),
        facts: vec![
            (Text::key("email-label"), "so•••@example.com".to_owned()),
            (Text::key("profile-phone"), "•••-678".to_owned()),
            (Text::key("mem-registered"), since(lang)),
        ],
        membership: MembershipView::Temporary { days_left: 12, until: until(lang) },
        evidence: None,
        standing: Some(Text::key("mem-frozen-since").with("date", since(lang))),
        sessions: vec![Line { what: Text::key("mem-line").with("what", "Chrome, Android"), ..line("mem-line", lang) }],
        sign_ins: vec![line("mem-signed-in", lang), line("mem-sign-in-failed", lang)],
        services: vec![],
        mails: vec![line("mk-welcome", lang), line("mk-verified", lang)],
        cases: vec![
            Line { href: Some("/admin/reviews/7".to_owned()), ..line("rev-kind-staff", lang) },
            line("case-mismatch", lang),
        ],
        deeds: vec![
            deed("extend", "mem-extend", "mem-extend-what"),
            deed("recovery", "mem-recovery", "mem-recovery-what"),
            deed("restore", "mem-restore", "mem-restore-what"),
            deed("suspend", "mem-suspend", "mem-suspend-what"),
            deed("remove-shown", "mem-shown", "mem-shown-what"),
        ],
        request: None,
        errors: faults(&[("reason", "error-reason-short")]),
        faulty: Some("suspend"),
        typed: "x".to_owned(),
    }
}

fn permanent(lang: Lang) -> MemberPage {
    MemberPage {
        done: None,
        not_done: Some(Text::key("mem-not-done")),
        membership: MembershipView::Permanent {
            since: since(lang),
            method: Text::key("method-register"),
            number_masked: "x-xxxx-xxxxx-01-7".to_owned(),
        },
        evidence: Some(Evidence { ial: "1.2".to_owned(), reference: "R-42".to_owned(), at: since(lang) }),
        standing: None,
        sessions: vec![],
        mails: vec![],
        cases: vec![],
        sign_ins: vec![],
        deeds: vec![],
        request: Some(WithdrawalRequest {
            id: "1".to_owned(),
            since: since(lang),
            reason: pick(lang, "เรื่องที่ 9/2569", "case 9/2026"),
            may_decide: true,
            unverified: false,
        }),
        errors: FieldErrors::none(),
        faulty: None,
        ..member(lang)
    }
}

fn reviews(lang: Lang, some: bool) -> ReviewsPage {
    let row = |kind, state| ReviewRow {
        href: "/admin/reviews/00000000-0000-4000-8000-000000000009".to_owned(),
        kind: Text::key(kind),
        since: since(lang),
        officer: (state == "rev-state-taken").then(|| pick(lang, "สมหญิง รักงาน", "Somying Rakngan")),
        state: Text::key(state).with("date", since(lang)),
    };
    let rows = vec![row("rev-kind-held", "rev-state-open"), row("rev-kind-staff", "rev-state-taken")];
    ReviewsPage {
        shell: at_home(lang, true),
        console: desk(paths::REVIEWS),
        decided: !some,
        rows: if some { rows } else { vec![] },
        next: some.then(|| "/admin/reviews?at=sealed".to_owned()),
    }
}

fn review(lang: Lang, errors: FieldErrors) -> ReviewPage {
    ReviewPage {
        shell: at_home(lang, true),
        console: desk(paths::REVIEWS),
        base: "/admin/reviews/00000000-0000-4000-8000-000000000009".to_owned(),
        case: "00000000-0000-4000-8000-00000000000a".to_owned(),
        kind: Text::key("rev-kind-staff"),
        advice: Text::key("rev-advice-staff"),
        since: since(lang),
        state: Text::key("rev-state-taken").with("date", since(lang)),
        officer: Some(pick(lang, "สมหญิง รักงาน", "Somying Rakngan")),
        before: Vec::new(),
        account: vec![(Text::key("rev-name"), "สมชาย ใจดี".to_owned()), (Text::key("email-label"), EMAIL.to_owned())],
        evidence: vec![
            (Text::key("profile-number"), "x-xxxx-xxxxx-01-7".to_owned()),
            (Text::key("rev-mailbox"), "somchai@staff.moc.example".to_owned()),
            (Text::key("rev-registry"), "R-42".to_owned()),
        ],
        member_href: "/admin/members/00000000-0000-4000-8000-000000000007".to_owned(),
        holder_href: None,
        may_take: false,
        may_decide: true,
        officers: vec![(
            "00000000-0000-4000-8000-00000000000b".to_owned(),
            pick(lang, "สมหมาย ตั้งใจ", "Sommai Tangjai"),
        )],
        unverified: false,
        refusal: None,
        choices: vec![
            ("not_the_person", Text::key("rev-why-person")),
            ("not_personnel", Text::key("rev-why-personnel")),
        ],
        not_done: None,
        typed: String::new(),
        moved_because: String::new(),
        errors,
    }
}
