//! Every list and search of console and API, asked for as an official and a program ask for them, and how long each takes
//! within the server: from the request's arrival in the router to the last byte of the answer.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use idp_core::admin::Role;
use idp_core::seal::mac;
use idp_core::secret::base64url;
use idp_core::{cursor, id::AccountId};
use idp_store::{MemberList, MemberPlace};
use idp_web::members::find::LISTS;
use serde::Serialize;
use serde_json::{Value, json};

use super::Crowd;
use super::around::BUSY;
use crate::servers::Postgres;
use crate::{App, Form, Member, Program};

/// The page that must be as fast as the first.
const DEEP: u64 = 10_000;
/// Rows on a page of the console, and of the API unless somebody says otherwise.
const PAGE: u64 = 25;
/// Lines on a page of the audit log and the traffic log.
const LINES: u64 = 50;

/// Something that is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// In words.
    pub what: String,
    /// Which page of it.
    pub page: String,
    request: Request,
    /// What a row is on the page.
    row: &'static str,
}

#[derive(Clone, Debug)]
enum Request {
    Page(String),
    Form(Form),
    Api(&'static str, String, Option<Value>),
}

/// How long it took.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What, and which page of it.
    pub asked: Asked,
    /// Rows on the page.
    pub rows: usize,
    /// The median.
    pub p50: Duration,
    /// The 99th percentile.
    pub p99: Duration,
}

/// An official and a program before a crowd.
pub struct Measuring<'a> {
    crowd: Crowd,
    app: App,
    server: &'a Postgres,
    url: &'a str,
    official: Member,
    program: Program,
    asked: Vec<Asked>,
}

impl<'a> Measuring<'a> {
    /// Whoever may see everything, in console and API.
    pub async fn new(crowd: Crowd, app: &App, server: &'a Postgres, url: &'a str) -> Self {
        let official = app.insert_staff("root", Role::SuperAdmin, None).await;
        let program = app.program("reader", Role::SuperAdmin, None).await;
        Self { crowd, app: app.clone(), server, url, official, program, asked: Vec::new() }
    }

    /// Everything there is to ask for.
    pub async fn everything(&mut self) -> Vec<Asked> {
        self.members().await;
        self.searches().await;
        self.clients();
        self.audit();
        self.traffic().await;
        self.queues();
        self.numbers();
        std::mem::take(&mut self.asked)
    }

    /// Asks `times` times.
    pub async fn measure(&mut self, asked: &Asked, times: usize) -> Measured {
        self.settle().await;
        let mut taken = Vec::with_capacity(times);
        let mut rows = 0;
        for turn in 0..times {
            let begun = Instant::now();
            let (status, body) = self.ask(&asked.request).await;
            taken.push(begun.elapsed());
            assert_eq!(status, 200, "{} {}: {body}", asked.what, asked.page);
            if turn == 0 {
                rows = match &asked.request {
                    Request::Api(..) => serde_json::from_str::<Value>(&body)
                        .ok()
                        .and_then(|body| Some(body[asked.row].as_array()?.len()))
                        .unwrap_or(1),
                    _ => body.matches(asked.row).count(),
                };
            }
        }
        taken.sort_unstable();
        let at = |share: usize| taken[(times * share / 100).min(times - 1)];
        Measured { asked: asked.clone(), rows, p50: at(50), p99: at(99) }
    }

    /// Seals what the asking itself has written, as the leader does every five seconds.
    async fn settle(&self) {
        let now = self.crowd.now + TimeDelta::minutes(1);
        while self.app.store.seal_audit(now, TimeDelta::seconds(10)).await.expect("PostgreSQL is there") > 0 {}
    }

    async fn ask(&mut self, request: &Request) -> (u16, String) {
        match request {
            Request::Page(path) => {
                let page = self.official.browser.get(path).await;
                (page.status.as_u16(), page.html)
            }
            Request::Form(form) => {
                let page = self.official.browser.submit(form.clone()).await;
                (page.status.as_u16(), page.html)
            }
            Request::Api(method, path, body) => {
                let reply = self.program.call(method, path, body.as_ref()).await;
                (reply.status.as_u16(), reply.body)
            }
        }
    }

    fn add(&mut self, what: impl Into<String>, page: impl ToString, row: &'static str, request: Request) {
        self.asked.push(Asked { what: what.into(), page: page.to_string(), request, row });
    }

    fn page(&mut self, what: impl Into<String>, page: impl ToString, row: &'static str, path: impl Into<String>) {
        self.add(format!("console: {}", what.into()), page, row, Request::Page(path.into()));
    }

    fn api(
        &mut self,
        what: &str,
        page: impl ToString,
        method: &'static str,
        path: impl Into<String>,
        body: Option<Value>,
    ) {
        self.add(format!("API: {what}"), page, "items", Request::Api(method, path.into(), body));
    }

    /// The row before the ten-thousandth page of `rows`, or before the last page there is, as `columns`; and which it is.
    fn before(&self, columns: &str, rows: &str, order: &str, per: u64) -> Option<(u64, Vec<String>)> {
        let count: u64 = self.server.ask(self.url, &format!("SELECT count(*) FROM {rows}")).parse().unwrap_or(0);
        let page = DEEP.min(count.saturating_sub(1) / per + 1);
        let offset = (per * (page - 1)).checked_sub(1)?;
        let sql = format!("SELECT {columns} FROM {rows} ORDER BY {order} OFFSET {offset} LIMIT 1");
        Some((page, self.server.ask(self.url, &sql).split('|').map(str::to_owned).collect()))
    }

    /// A cursor of the console's lists.
    fn after(&self, list: &str, key: &impl Serialize) -> String {
        let body = serde_json::to_vec(key).expect("a key is JSON");
        let tag = mac(&self.app.cursor_key, &[list.as_bytes(), &body]);
        format!("{}.{}", base64url(&body), base64url(&tag))
    }

    /// A cursor that is sealed for its reader.
    fn sealed(&self, list: &str, reader: AccountId, place: &impl Serialize) -> String {
        cursor::seal(&self.app.vault, list, reader, place, &*self.app.chance)
    }

    fn reader(&self) -> AccountId {
        idp_core::admin::program_id(&self.program.rp.client.id)
    }

    async fn members(&mut self) {
        const ROW: &str = "class=\"member-row\"";
        let mut lists: Vec<(String, String, MemberList)> = LISTS
            .into_iter()
            .map(|(word, list)| (format!("members, {word}"), format!("/admin/members?list={word}"), list))
            .collect();
        let client = Crowd::client(7 % self.crowd.clients);
        let path = format!("/admin/members?client={client}");
        lists.push(("members of a service".to_owned(), path, MemberList::Of(client)));
        for name in ["สม", "som"] {
            let typed = idp_core::account::Sought::parse(name);
            if let Ok(idp_core::account::Sought::Word(prefix)) = typed {
                lists.push((format!("members by name ({name})"), String::new(), MemberList::Called(prefix)));
            }
        }
        for (what, path, list) in lists {
            if !path.is_empty() {
                self.page(&what, "first", ROW, path);
            }
            let spot = json!({ "list": list, "after": null });
            let cursor = self.sealed("api/members", self.reader(), &spot);
            self.api(&what, "first", "POST", "/api/v1/members/search", Some(json!({ "cursor": cursor })));
            if let (Some(place), page) = self.walk(&list).await {
                let spot = json!({ "list": list, "after": place });
                let at = self.sealed("members", self.official.id, &spot);
                self.page(&what, page, ROW, format!("/admin/members?at={at}"));
                let cursor = self.sealed("api/members", self.reader(), &spot);
                self.api(&what, page, "POST", "/api/v1/members/search", Some(json!({ "cursor": cursor })));
            }
        }
    }

    /// The place before the ten-thousandth page, or before the last one there is.
    async fn walk(&self, list: &MemberList) -> (Option<MemberPlace>, u64) {
        // In strides: what counts is where one arrives.
        const STRIDE: u64 = 100;
        let (mut place, mut page) = (None, 1);
        let mut stride = STRIDE;
        while page < DEEP && stride > 0 {
            stride = stride.min(DEEP - page);
            let now = self.crowd.now;
            let next =
                self.app.store.members(list, place.as_ref(), PAGE * stride, now).await.expect("the store answers").next;
            match next {
                Some(next) => {
                    place = Some(next);
                    page += stride;
                }
                // Near the end: in smaller ones.
                None => stride /= 10,
            }
        }
        (place, page)
    }

    async fn searches(&mut self) {
        const ROW: &str = "class=\"member-row\"";
        let page = self.official.browser.get("/admin/members").await;
        let search = page.form("/admin/members/search");
        let id = self.server.ask(self.url, "SELECT id FROM accounts ORDER BY id OFFSET 40 LIMIT 1");
        for (what, typed) in [
            ("e-mail", "member77@mail27.example"),
            ("beginning of an e-mail (member7@)", "member7@"),
            ("common name (สม)", "สม"),
            ("rare name (สมวิ ประ)", "สมวิ ประ"),
            ("Latin name (som)", "som"),
            ("nobody's name (ฮฮฮ)", "ฮฮฮ"),
            ("account id", id.as_str()),
        ] {
            let form = search.clone().with("sought", typed);
            // An id leads to the member, and to the question why.
            let row = if what == "account id" { "<h1" } else { ROW };
            self.add(format!("console: search by {what}"), "first", row, Request::Form(form));
            self.api(
                &format!("search by {what}"),
                "first",
                "POST",
                "/api/v1/members/search",
                Some(json!({ "words": typed })),
            );
        }
        let number = super::safe_number(80).digits().to_owned();
        let form =
            page.form("/admin/members/number").with("national_id", &number).with("reason", "case 4711, measuring");
        self.add("console: search by number", "first", "<h1", Request::Form(form));
        let body = json!({ "national_id": number, "reason": "case 4711, measuring" });
        self.api("search by number", "first", "POST", "/api/v1/members/search-number", Some(body));
        for (what, id) in [("a member", id), ("a member with a long history", self.busy())] {
            let asking = self.official.browser.get(&format!("/admin/members/{id}")).await;
            let open = asking.form(&format!("/admin/members/{id}/open")).with("reason", "case 4711, measuring");
            self.add(format!("console: {what}"), "first", "<li", Request::Form(open));
            let body = json!({ "reason": "case 4711, measuring" });
            self.api(what, "first", "POST", format!("/api/v1/members/{id}/look"), Some(body));
        }
    }

    fn busy(&self) -> String {
        let sql = format!(
            "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM accounts) a WHERE n = {BUSY}"
        );
        self.server.ask(self.url, &sql)
    }

    fn clients(&mut self) {
        const ROW: &str = "class=\"row-name\"";
        self.page("services", "first", ROW, "/admin/clients");
        if let Some((page, id)) = self.before("id", "clients", "id", PAGE) {
            let after = self.after("clients", &id[0]);
            self.page("services", page, ROW, format!("/admin/clients?after={after}"));
            let cursor = self.sealed("api/clients", self.reader(), &id[0]);
            self.api("services", page, "GET", format!("/api/v1/clients?cursor={cursor}"), None);
        }
        for query in ["q=service", "q=ไม่มีชื่อนี้", "status=active", "department=dit", "only=unused", "only=weak"]
        {
            self.page(format!("services, {query}"), "first", ROW, format!("/admin/clients?{}", urlencoded(query)));
        }
        self.api("services", "first", "GET", "/api/v1/clients", None);
        let id = Crowd::client(7 % self.crowd.clients);
        self.page("a service", "first", "<li", format!("/admin/client/{id}"));
        self.api("a service", "first", "GET", format!("/api/v1/clients/{id}"), None);
    }

    fn audit(&mut self) {
        const ROW: &str = "class=\"aud-action\"";
        let day = |back: i64| (self.crowd.now - TimeDelta::days(back)).format("%Y-%m-%d").to_string();
        let officer = self.server.ask(self.url, "SELECT actor_id FROM audit_log WHERE actor = 'staff' LIMIT 1");
        let (busy, client) = (self.busy(), Crowd::client(7 % self.crowd.clients));
        let within = |from: i64, until: i64| {
            let midnight = |back: i64| (self.crowd.now - TimeDelta::days(back)).date_naive().and_hms_opt(0, 0, 0);
            let at = |back| midnight(back).map_or(0, |at| at.and_utc().timestamp_millis()) - 7 * 3_600_000;
            format!("at >= {} AND at < {}", at(from), at(until - 1))
        };
        let filters = [
            (String::new(), "TRUE".to_owned()),
            (format!("actor={officer}"), format!("actor_id = '{officer}'")),
            (format!("account={busy}"), format!("account_id = '{busy}'")),
            ("action=session.signed_in".to_owned(), "action = 'session.signed_in'".to_owned()),
            ("action=client.state_changed".to_owned(), "action = 'client.state_changed'".to_owned()),
            ("action=session.".to_owned(), "action LIKE 'session.%'".to_owned()),
            ("action=client.".to_owned(), "action LIKE 'client.%'".to_owned()),
            (format!("client={client}"), format!("client_id = '{client}'")),
            (format!("from={}&until={}", day(400), day(398)), within(400, 398)),
            (format!("until={}", day(30)), within(9_999, 30)),
            (
                format!("client={client}&from={}&until={}", day(400), day(300)),
                format!("client_id = '{client}' AND {}", within(400, 300)),
            ),
            (
                format!("client={client}&action=client.changed"),
                format!("client_id = '{client}' AND action = 'client.changed'"),
            ),
            (
                format!("actor={officer}&until={}", day(300)),
                format!("actor_id = '{officer}' AND {}", within(9_999, 300)),
            ),
        ];
        for (query, which) in filters {
            let what = if query.is_empty() { "audit log".to_owned() } else { format!("audit log, {}", short(&query)) };
            self.page(&what, "first", ROW, format!("/admin/audit?{query}"));
            self.api(&what, "first", "GET", format!("/api/v1/audit?{query}"), None);
            if let Some((page, seq)) = self.before("seq", &format!("audit_log WHERE {which}"), "seq DESC", LINES) {
                let seq: i64 = seq[0].parse().unwrap_or(1);
                let and = if query.is_empty() { "" } else { "&" };
                let after = self.after("audit", &seq);
                self.page(&what, page, ROW, format!("/admin/audit?{query}{and}after={after}"));
                let cursor = self.sealed("api/audit", self.reader(), &seq);
                self.api(&what, page, "GET", format!("/api/v1/audit?{query}{and}cursor={cursor}"), None);
            }
        }
    }

    async fn traffic(&mut self) {
        const ROW: &str = "class=\"aud-action\"";
        let page = self.official.browser.get("/admin/traffic").await;
        let form = page.form("/admin/traffic").with("reason", "order 12/2569, measuring");
        let day = (self.crowd.now - TimeDelta::days(100)).format("%Y-%m-%d").to_string();
        for (what, name, value, which) in [
            ("90 days", "from", day.as_str(), "TRUE".to_owned()),
            ("an address", "address", "192.0.2.7", "address = '192.0.2.7'".to_owned()),
            ("a member", "account", &self.busy(), format!("account_id = '{}'", self.busy())),
        ] {
            let form = form.clone().with(name, value);
            self.add(format!("console: traffic log, {what}"), "first", ROW, Request::Form(form.clone()));
            let rows = format!("traffic WHERE {which}");
            if let Some((page, place)) = self.before("at, id", &rows, "at DESC, id DESC", LINES) {
                let at = chrono::DateTime::from_timestamp_millis(place[0].parse().unwrap_or(0)).unwrap_or_default();
                let after = self.after("traffic", &(at, &place[1]));
                let form = form.with("after", &after);
                self.add(format!("console: traffic log, {what}"), page, ROW, Request::Form(form));
            }
        }
    }

    fn queues(&mut self) {
        const ROW: &str = "<li";
        for (what, word, rows, order) in [
            ("reviews, waiting", "waiting", "reviews WHERE state = 'open'", "opened_at, id"),
            ("reviews, decided", "decided", "reviews WHERE decided_at IS NOT NULL", "decided_at DESC, id DESC"),
        ] {
            let path = if word == "decided" { "/admin/reviews?list=decided" } else { "/admin/reviews" };
            self.page(what, "first", ROW, path);
            self.api(what, "first", "GET", format!("/api/v1/reviews?list={word}"), None);
            let columns = if word == "decided" { "decided_at, id" } else { "opened_at, id" };
            if let Some((page, place)) = self.before(columns, rows, order, PAGE) {
                let place = json!({ "at": place[0].parse::<i64>().unwrap_or(0), "id": place[1] });
                let at = self.sealed("reviews", self.official.id, &(word, &place));
                self.page(what, page, ROW, format!("/admin/reviews?at={at}"));
                let cursor = self.sealed(&format!("api/reviews/{word}"), self.reader(), &place);
                self.api(what, page, "GET", format!("/api/v1/reviews?list={word}&cursor={cursor}"), None);
            }
        }
        self.page("approvals", "first", ROW, "/admin/approvals");
        self.api("approvals", "first", "GET", "/api/v1/approvals", None);
        if let Some((page, place)) = self.before("asked_at, id", "approvals", "asked_at DESC, id DESC", PAGE) {
            let place = (place[0].parse::<i64>().unwrap_or(0), &place[1]);
            let after = self.after("approvals", &place);
            self.page("approvals", page, ROW, format!("/admin/approvals?after={after}"));
            let cursor = self.sealed("api/approvals", self.reader(), &place);
            self.api("approvals", page, "GET", format!("/api/v1/approvals?cursor={cursor}"), None);
        }
        let open = self.server.ask(self.url, "SELECT id FROM reviews WHERE state = 'open' LIMIT 1");
        self.page("a review", "first", "<dt", format!("/admin/reviews/{open}"));
        self.page("staff", "first", "<li", "/admin/staff");
        self.api("staff", "first", "GET", "/api/v1/staff", None);
    }

    fn numbers(&mut self) {
        for range in ["day", "week", "month", "year"] {
            self.page(format!("dashboard, {range}"), "first", "<svg", format!("/admin/dashboard?range={range}"));
        }
        self.page("dashboard, year, as a file", "first", "\n", "/admin/dashboard.csv?range=year");
        self.page("dashboard, month, as a file", "first", "\n", "/admin/dashboard.csv?range=month");
    }
}

/// Ids make a line long and say nothing.
fn short(query: &str) -> String {
    let part = |part: &str| match part.split_once('=') {
        Some((name @ ("actor" | "account"), _)) => format!("{name}=…"),
        _ => part.to_owned(),
    };
    query.split('&').map(part).collect::<Vec<_>>().join(" ")
}

fn urlencoded(query: &str) -> String {
    match query.split_once('=') {
        Some((name, value)) => crate::encoded(&[(name, value)]),
        None => query.to_owned(),
    }
}
