//! Numbers about the provider.

use askama::Template;

use crate::view::plot::Plot;
use crate::view::{Console, Shell, Text};

/// Plots and tables of a range: `GET /admin/dashboard` with `range` and `endpoint`.
#[derive(Template)]
#[template(path = "admin/dashboard.html")]
pub struct DashboardPage {
    /// What all pages share.
    pub shell: Shell,
    /// The console around it.
    pub console: Console,
    /// The ranges that can be shown.
    pub ranges: [RangeLink; 4],
    /// What matters most.
    pub tiles: Vec<Tile>,
    /// Services that nobody has used for 90 days.
    pub unused: usize,
    /// For how many days.
    pub unused_days: u32,
    /// Where they are listed.
    pub unused_href: String,
    /// What members do.
    pub people: Vec<Plot>,
    /// What was delivered.
    pub deliveries: Vec<Plot>,
    /// What was answered, what was refused or failed, and how long answers took.
    pub answers: [Plot; 3],
    /// Of which endpoint alone.
    pub endpoint: Option<&'static str>,
    /// The same of all endpoints.
    pub all_href: String,
    /// Every endpoint that was asked.
    pub endpoints: Vec<EndpointRow>,
    /// The numbers as a file.
    pub csv: String,
    /// When it was looked at.
    pub taken: String,
}

/// A range that can be shown.
#[derive(Clone, Debug)]
pub struct RangeLink {
    /// Where.
    pub href: String,
    /// Its name.
    pub label: Text,
    /// Whether it is shown.
    pub current: bool,
}

/// A number that matters.
#[derive(Clone, Debug)]
pub struct Tile {
    /// Its name in the page.
    pub id: &'static str,
    /// What it is.
    pub label: Text,
    /// How much.
    pub value: String,
    /// Whether somebody should look at it.
    pub alarming: bool,
}

/// An endpoint's answers.
#[derive(Clone, Debug)]
pub struct EndpointRow {
    /// Its name.
    pub name: &'static str,
    /// Its times over the range.
    pub href: String,
    /// How many requests.
    pub requests: String,
    /// Of a hundred: refused with a status from 400 on.
    pub refused: String,
    /// Of a hundred: failed with a status from 500 on.
    pub failed: String,
    /// Whether any failed.
    pub failing: bool,
    /// Half of the answers took no longer, in milliseconds.
    pub p50: String,
    /// 95 of a hundred.
    pub p95: String,
    /// 99 of a hundred.
    pub p99: String,
}
