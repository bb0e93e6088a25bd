//! The plots of the dashboard.

use idp_core::figures::{ACCOUNTS, ACTIVE, DELIVERIES, MEMBERS, Range, SIGN_INS, VERIFICATIONS, WAITING};

use super::answers::Answered;
use super::numbers::{Numbers, day};
use crate::view::lang::Lang;
use crate::view::plot::{Kind, Plot, Shape};
use crate::view::text::Text;

fn kind(name: &'static str, paint: u8, values: Vec<Option<u64>>) -> Kind {
    Kind { name: Text::key(name), values, paint }
}

/// What members do.
pub(super) fn people(numbers: &Numbers, lang: Lang) -> Vec<Plot> {
    let axis = numbers.axis(lang);
    let of = |metric, label| numbers.counted(metric, label);
    let mut plots = vec![
        Plot::of(
            "plot-sign-ins",
            "dash-sign-ins",
            Shape::Bars,
            &axis,
            &[
                kind("dash-signed-in", 1, of(SIGN_INS, "signed_in")),
                kind("dash-sign-in-failed", 2, of(SIGN_INS, "failed")),
                kind("dash-second-failed", 3, of(SIGN_INS, "second_failed")),
            ],
        ),
        Plot::of(
            "plot-accounts",
            "dash-accounts",
            Shape::Bars,
            &axis,
            &[kind("dash-registered", 4, of(ACCOUNTS, "registered")), kind("dash-erased", 5, of(ACCOUNTS, "erased"))],
        ),
        Plot::of(
            "plot-verifications",
            "dash-verifications",
            Shape::Bars,
            &axis,
            &[
                kind("dash-outcome-verified", 4, of(VERIFICATIONS, "verified")),
                kind("dash-outcome-mismatch", 2, of(VERIFICATIONS, "mismatch")),
                kind("dash-outcome-card", 3, of(VERIFICATIONS, "card_invalid")),
                kind("dash-outcome-review", 1, of(VERIFICATIONS, "review")),
                kind("dash-outcome-unavailable", 5, of(VERIFICATIONS, "unavailable")),
                kind("dash-outcome-other", 6, unsettled(numbers)),
            ],
        ),
    ];
    // Who is active is counted by the day and the month: within a day there is nothing to draw.
    if numbers.range != Range::Day {
        let active = [
            ("plot-active-members", "dash-active-members", "dash-members", "members"),
            ("plot-active-services", "dash-active-services", "dash-services", "services"),
        ];
        for (id, title, name, label) in active {
            plots.push(Plot::of(id, title, Shape::Lines, &axis, &[kind(name, 1, of(ACTIVE, label))]));
        }
    }
    plots.push(Plot::of(
        "plot-members",
        "dash-all-members",
        Shape::Lines,
        &axis,
        &[
            kind("dash-permanent", 4, numbers.seen(MEMBERS, "permanent")),
            kind("dash-temporary", 1, numbers.seen(MEMBERS, "temporary")),
        ],
    ));
    let days: Vec<String> = numbers.ahead.iter().map(|(begin, _)| day(*begin, lang)).collect();
    let ending = numbers.ahead.iter().map(|(_, count)| Some(*count)).collect();
    plots.push(Plot::of("plot-ending", "dash-ending", Shape::Bars, &days, &[kind("dash-temporary", 3, ending)]));
    plots
}

/// Incomplete entries and what is neither.
fn unsettled(numbers: &Numbers) -> Vec<Option<u64>> {
    let (one, two) = (numbers.counted(VERIFICATIONS, "incomplete"), numbers.counted(VERIFICATIONS, "other"));
    one.into_iter().zip(two).map(|(one, two)| Some(one.unwrap_or(0) + two.unwrap_or(0))).collect()
}

/// What was delivered, and what waits.
pub(super) fn deliveries(numbers: &Numbers, lang: Lang) -> Vec<Plot> {
    let axis = numbers.axis(lang);
    let of = |label: &str| numbers.counted(DELIVERIES, label);
    let told = |id, title, labels: [&str; 3]| {
        let kinds = [
            kind("dash-delivered", 4, of(labels[0])),
            kind("dash-tried", 3, of(labels[1])),
            kind("dash-given-up", 2, of(labels[2])),
        ];
        Plot::of(id, title, Shape::Bars, &axis, &kinds)
    };
    vec![
        told("plot-mails", "dash-mails", ["mail_sent", "mail_failed", "mail_dropped"]),
        told("plot-notices", "dash-notices", ["notice_delivered", "notice_failed", "notice_given_up"]),
        told("plot-events", "dash-events", ["event_delivered", "event_failed", "event_given_up"]),
        Plot::of(
            "plot-waiting",
            "dash-waiting",
            Shape::Lines,
            &axis,
            &[
                kind("dash-waiting-mails", 1, numbers.seen(WAITING, "mails")),
                kind("dash-waiting-notices", 3, numbers.seen(WAITING, "notices")),
                kind("dash-waiting-events", 4, numbers.seen(WAITING, "events")),
            ],
        ),
    ]
}

/// What was answered over time, and how fast: of one endpoint or of all.
pub(super) fn answers(numbers: &Numbers, answered: &Answered, lang: Lang) -> [Plot; 3] {
    let axis = numbers.axis(lang);
    let class = |class: usize| answered.spans.iter().map(|span| Some(span.of_class(class))).collect();
    let within = |share| answered.spans.iter().map(|span| span.within(share).map(u64::from)).collect();
    let errors = [kind("dash-refused", 3, class(4)), kind("dash-failed", 2, class(5))];
    let times = [kind("dash-p50", 4, within(50)), kind("dash-p95", 3, within(95)), kind("dash-p99", 2, within(99))];
    let all = [kind("dash-answered", 4, class(2)), kind("dash-sent-on", 1, class(3))];
    [
        Plot::of("plot-answers", "dash-plot-answers", Shape::Bars, &axis, &all),
        Plot::of("plot-errors", "dash-plot-errors", Shape::Bars, &axis, &errors),
        Plot::of("plot-latency", "dash-latency", Shape::Lines, &axis, &times),
    ]
}
