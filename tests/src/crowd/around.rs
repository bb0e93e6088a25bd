//! What a crowd leaves behind, made by the database itself: two years of the audit log in the order in which it was
//! written, ninety days of traffic, verifications, reviews, requests for a second person, mails, and what was counted.

use idp_core::figures::{ANSWERS, BUCKETS, LATENCY, Span};
use idp_web::figures::Endpoint;

use super::Crowd;
use crate::servers::Postgres;

/// Members with a history that is longer than a page.
pub(super) const BUSY: u32 = 7;

impl Crowd {
    /// Everything around the members, in numbers that fit theirs.
    pub(super) fn make_around(&self, server: &Postgres, url: &str) {
        let (now, clients) = (self.now.timestamp_millis(), self.clients.max(1));
        // What a list has when its ten-thousandth page is asked for: a quarter of the members.
        let many = self.members / 4 + 200;
        let statements = [
            "SET session_replication_role = replica; SET work_mem = '256MB'; SET synchronous_commit = off".to_owned(),
            "ANALYZE accounts".to_owned(),
            // By number, so that one is found without a scan; twenty of them are officials.
            "CREATE TEMP TABLE numbered AS SELECT row_number() OVER (ORDER BY id) AS n, id, registered_at AS at FROM accounts; \
             CREATE INDEX ON numbered (n); ANALYZE numbered"
                .to_owned(),
            audit_log(now, clients),
            format!(
                "INSERT INTO sign_ins (account_id, at, result, methods, device, network) \
                 SELECT id, at, 'signed_in', 'pwd', 'Chrome, Android', '192.0.2.0/24' FROM numbered, generate_series(1, 2000) \
                 WHERE n = {BUSY}"
            ),
            format!(
                "INSERT INTO traffic (id, at, endpoint, method, status, account_id, client_id, address, port) \
                 SELECT gen_random_uuid(), {now} - (random() * 90 * 86400000)::bigint, 'sign_in', 'POST', 303, id, \
                 'service-' || (n % {clients}), '192.0.2.' || (n % 200), 40000 + n % 20000 FROM numbered"
            ),
            "INSERT INTO verification_cases (id, account_id, method, outcome, opened_at, closed_at) \
             SELECT gen_random_uuid(), id, 'civil_registry', 'verified', at, at + 3000 FROM numbered WHERE n % 5 < 2"
                .to_owned(),
            format!(
                "INSERT INTO reviews (id, account_id, case_id, kind, sealed, state, opened_at, decided_by, decided_at, reason) \
                 SELECT gen_random_uuid(), id, gen_random_uuid(), 'staff_not_found', ''::bytea, \
                 CASE WHEN n % 20 = 0 THEN 'open' ELSE 'declined' END, at, \
                 CASE WHEN n % 20 = 0 THEN NULL ELSE (SELECT id FROM numbered WHERE n = 1) END, \
                 CASE WHEN n % 20 = 0 THEN NULL ELSE at + 86400000 END, \
                 CASE WHEN n % 20 = 0 THEN NULL ELSE 'nothing_heard' END FROM numbered WHERE n <= {many} + {many} / 19"
            ),
            format!(
                "INSERT INTO approvals (id, kind, subject, asked_by, asked_at, reason, expires_at, decision, decided_by, decided_at) \
                 SELECT gen_random_uuid(), 'badge.withdrawal', id::text, (SELECT id FROM numbered WHERE n = 1 + s.n % 20), at, \
                 'case ' || s.n, at + 604800000, 'declined', (SELECT id FROM numbered WHERE n = 21), at + 3600000 \
                 FROM numbered AS s WHERE s.n <= {many}"
            ),
            format!(
                "INSERT INTO mails (id, account_id, kind, sealed, due_at, expires_at, attempts, done_at) \
                 SELECT gen_random_uuid(), id, 'welcome', ''::bytea, {now} - n % 604800000, {now} + 86400000, 1, \
                 CASE WHEN n % 100 = 0 THEN NULL ELSE {now} END FROM numbered WHERE n % 5 = 0 OR n = {BUSY}"
            ),
            format!(
                "INSERT INTO client_days (client_id, day, outcome, count, last_at) \
                 SELECT 'service-' || c, d, outcome, 1 + (random() * 1000)::bigint, d * 86400000 \
                 FROM generate_series(0, {clients} - 1) c, generate_series({now} / 86400000 - 399, {now} / 86400000) d, \
                 unnest(ARRAY['signed_in', 'refreshed', 'invalid_grant', 'access_denied']) outcome WHERE c % 10 > 0; \
                 INSERT INTO client_last_use SELECT client_id, max(last_at) FROM client_days GROUP BY client_id"
            ),
            figures(now),
        ];
        server.administer(url, &statements.join(";\n"));
    }
}

/// Seven lines for each member and one look in four, as they would have been written: one after the other.
fn audit_log(now: i64, clients: u32) -> String {
    let client = |by: u32| format!("'service-' || (n * {by} + n / 13) % {clients}");
    let member = |after: &str, action: &str, client: &str| {
        format!(
            "SELECT at + {after} AS at, 'member', id, '{action}', id, {client}, '192.0.2.1', NULL::text FROM numbered"
        )
    };
    let later = format!("((n * 7919) % 1000) * ({now} - at) / 1000");
    let lines = [
        member("0", "account.registered", "NULL"),
        member("1", "session.signed_in", "NULL"),
        member("60000", "consent.given", &client(1)),
        member("60001", "grant.code_issued", &client(1)),
        member("60500", "grant.tokens_issued", &client(1)),
        member(&later, "session.signed_in", "NULL"),
        member(&format!("{later} + 900"), "grant.tokens_issued", &client(3)),
        "SELECT at + 172800000, 'staff', (SELECT id FROM numbered WHERE n = 1 + s.n % 20), 'data.seen_by_staff', id, NULL, \
             '192.0.2.9', '{\"what\":\"listed\"}' FROM numbered AS s WHERE s.n % 4 = 0"
            .to_owned(),
        format!(
            "SELECT at + n, 'member', id, 'session.signed_in', id, NULL, '192.0.2.1', NULL FROM numbered, generate_series(1, 3000) \
             WHERE n = {BUSY}"
        ),
        format!(
            "SELECT {now} - (c + 1) * 3600000::bigint * k, 'operator', NULL, \
             CASE k % 2 WHEN 0 THEN 'client.changed' ELSE 'client.state_changed' END, NULL, 'service-' || c, NULL, NULL \
             FROM generate_series(0, {clients} - 1) c, generate_series(1, 10) k"
        ),
    ];
    format!(
        "INSERT INTO audit_log (at, actor, actor_id, action, account_id, client_id, origin, detail) \
         SELECT * FROM ({}) AS lines WHERE at < {now} - 60000 ORDER BY 1",
        lines.join(" UNION ALL ")
    )
}

/// What every endpoint answered in each span, in the buckets that answers of a sound program fall into.
fn figures(now: i64) -> String {
    let endpoints: Vec<String> = Endpoint::ALL.iter().map(|endpoint| format!("'{}'", endpoint.as_str())).collect();
    let endpoints = endpoints.join(", ");
    let buckets = BUCKETS.min(14) - 1;
    let labels = format!(
        "SELECT '{LATENCY}' AS metric, e || '/' || lpad(b::text, 2, '0') AS label FROM unnest(ARRAY[{endpoints}]) e, \
         generate_series(0, {buckets}) b UNION ALL \
         SELECT '{ANSWERS}', e || '/' || c FROM unnest(ARRAY[{endpoints}]) e, generate_series(2, 5) c"
    );
    let of = |span: Span, back: u32| {
        let at = chrono::DateTime::from_timestamp_millis(now).unwrap_or_default();
        let begin = span.begin(at);
        let begins: Vec<String> =
            (0..back).map(|n| format!("({}::bigint)", span.before(begin, n).timestamp_millis())).collect();
        format!(
            "INSERT INTO figures (span, metric, begins_at, label, count) SELECT '{}', metric, begins_at, label, \
             1 + (random() * 1000)::bigint FROM ({labels}) l, (VALUES {}) AS v (begins_at) ON CONFLICT DO NOTHING",
            span.as_str(),
            begins.join(", ")
        )
    };
    [of(Span::Hour, 14 * 24), of(Span::Day, 400), of(Span::Month, 24)].join(";\n")
}
