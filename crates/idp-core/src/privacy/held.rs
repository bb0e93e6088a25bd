//! What is held about a member, table by table: what "download my data" gives, and what it leaves out and why. A test
//! compares this with the database, so that no table and no column can be added without an answer.

/// How a column is written for its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Epoch milliseconds, given as a time in UTC.
    Time,
    /// A number.
    Number,
    /// True or false.
    Truth,
    /// Text as it is.
    Text,
    /// JSON.
    Json,
    /// A UUID.
    Id,
    /// Bytes, given in base64.
    Bytes,
}

/// A column that is given.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the database.
    pub column: &'static str,
    /// Its name in the download.
    pub name: &'static str,
    /// The message with its name for people; empty for what is given to programs alone.
    pub label: &'static str,
    /// How it is written.
    pub kind: Kind,
}

/// A table with rows about a member.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Its name in the download.
    pub section: &'static str,
    /// The message with its name for people.
    pub label: &'static str,
    /// The table.
    pub table: &'static str,
    /// The column that names the member.
    pub owner: &'static str,
    /// The order of the rows.
    pub order: &'static str,
    /// What is given.
    pub columns: &'static [Column],
    /// What is not, and why.
    pub left_out: &'static [(&'static str, &'static str)],
}

const fn at(column: &'static str, label: &'static str) -> Column {
    Column { column, name: column, label, kind: Kind::Time }
}

const fn text(column: &'static str, label: &'static str) -> Column {
    Column { column, name: column, label, kind: Kind::Text }
}

const fn number(column: &'static str, label: &'static str) -> Column {
    Column { column, name: column, label, kind: Kind::Number }
}

const fn truth(column: &'static str, label: &'static str) -> Column {
    Column { column, name: column, label, kind: Kind::Truth }
}

const fn json(column: &'static str, label: &'static str) -> Column {
    Column { column, name: column, label, kind: Kind::Json }
}

const fn id(column: &'static str, label: &'static str) -> Column {
    Column { column, name: column, label, kind: Kind::Id }
}

const SECRET: &str = "a digest of a secret: worth nothing to its owner, and a copy more to lose";
const BOOKKEEPING: &str = "how far the program has got, nothing about the member";
const OFFICIAL: &str = "the account of an official: the member learns the role and the reason";
const OWNER: &str = "the account's own id, given once at the top";

/// Everything that is given.
pub const HELD: &[Held] = &[
    Held {
        section: "account",
        label: "held-account",
        table: "accounts",
        owner: "id",
        order: "registered_at",
        columns: &[
            id("id", "held-id"),
            text("email", "email-label"),
            at("email_confirmed_at", "held-confirmed-at"),
            text("member_type", "held-member-type"),
            json("profile", ""),
            json("about", ""),
            at("expires_at", "held-expires-at"),
            at("permanent_since", "held-permanent-since"),
            json("badge", ""),
            text("standing", "held-standing"),
            at("standing_since", "held-since"),
            text("standing_why", "held-why"),
            at("erase_at", "held-erase-at"),
            at("resting_since", "held-resting-since"),
            at("disputed_since", "held-disputed-since"),
            at("temporary_since", "held-temporary-since"),
            text("language", "held-language"),
            text("documents", "held-documents"),
            at("password_set_at", "held-password-set-at"),
            at("registered_at", "held-registered-at"),
            at("updated_at", "held-updated-at"),
        ],
        left_out: &[
            ("email_key", "the address once more, in small letters"),
            ("password", SECRET),
            ("subject_seed", "a secret from which each service's name for the member is made"),
            ("end_handled_at", BOOKKEEPING),
            ("words_of", BOOKKEEPING),
        ],
    },
    Held {
        section: "picture",
        label: "held-picture",
        table: "member_pictures",
        owner: "account_id",
        order: "updated_at",
        columns: &[
            text("name", ""),
            at("updated_at", "held-at"),
            Column { column: "png", name: "png", label: "", kind: Kind::Bytes },
        ],
        left_out: &[("account_id", OWNER)],
    },
    Held {
        section: "documents_accepted",
        label: "held-terms",
        table: "terms_acceptances",
        owner: "account_id",
        order: "accepted_at",
        columns: &[text("version", "held-version"), at("accepted_at", "held-at")],
        left_out: &[("account_id", OWNER)],
    },
    Held {
        section: "thaid_closed",
        label: "held-thaid-closed",
        table: "thaid_closed",
        owner: "account_id",
        order: "closed_at",
        columns: &[at("closed_at", "held-since")],
        left_out: &[("account_id", OWNER)],
    },
    Held {
        section: "identity",
        label: "held-identity",
        table: "identities",
        owner: "account_id",
        order: "matched_at",
        columns: &[at("matched_at", "held-at")],
        left_out: &[("account_id", OWNER), ("sealed", "opened, and given as number, names and birth date")],
    },
    Held {
        section: "former_evidence",
        label: "held-former",
        table: "former_badges",
        owner: "account_id",
        order: "until_at",
        columns: &[json("badge", "held-badge"), at("until_at", "held-until")],
        left_out: &[
            ("id", BOOKKEEPING),
            ("account_id", OWNER),
            ("sealed", "names and number as they matched then; told at the counter, to whoever can show who they are"),
        ],
    },
    Held {
        section: "verification_attempts",
        label: "held-cases",
        table: "verification_cases",
        owner: "account_id",
        order: "opened_at",
        columns: &[
            at("opened_at", "held-at"),
            text("method", "held-method"),
            text("outcome", "held-outcome"),
            at("closed_at", "held-closed-at"),
            text("origin", "held-origin"),
        ],
        left_out: &[
            ("id", BOOKKEEPING),
            ("account_id", OWNER),
            ("number_index", "a keyed mark of the number that was typed, which cannot be read back"),
        ],
    },
    Held {
        section: "reviews",
        label: "held-reviews",
        table: "reviews",
        owner: "account_id",
        order: "opened_at",
        columns: &[
            at("opened_at", "held-at"),
            text("kind", "held-method"),
            text("state", "held-outcome"),
            at("decided_at", "held-closed-at"),
            text("reason", "held-why"),
        ],
        left_out: &[
            ("id", BOOKKEEPING),
            ("account_id", OWNER),
            ("case_id", BOOKKEEPING),
            ("holder_id", "somebody else's account"),
            ("sealed", "what the member typed from the card, for the officer alone"),
            ("assigned_to", OFFICIAL),
            ("assigned_at", BOOKKEEPING),
            ("decided_by", OFFICIAL),
        ],
    },
    Held {
        section: "sessions",
        label: "held-sessions",
        table: "sessions",
        owner: "account_id",
        order: "authenticated_at",
        columns: &[
            id("id", ""),
            at("authenticated_at", "held-signed-in-at"),
            text("methods", "held-method"),
            text("device", "held-device"),
            at("last_seen_at", "held-last-seen-at"),
            at("ended_at", "held-ended-at"),
            text("end_reason", "held-why"),
        ],
        left_out: &[("cookie_digest", SECRET), ("account_id", OWNER), ("cleared", BOOKKEEPING)],
    },
    Held {
        section: "known_browsers",
        label: "held-browsers",
        table: "known_devices",
        owner: "account_id",
        order: "first_seen_at",
        columns: &[at("first_seen_at", "held-at"), at("last_seen_at", "held-last-seen-at")],
        left_out: &[("account_id", OWNER), ("digest", SECRET)],
    },
    Held {
        section: "sign_ins",
        label: "held-sign-ins",
        table: "sign_ins",
        owner: "account_id",
        order: "seq",
        columns: &[
            at("at", "held-at"),
            text("result", "held-outcome"),
            text("methods", "held-method"),
            text("device", "held-device"),
            text("network", "held-origin"),
            text("client_id", "held-service"),
            id("session_id", ""),
        ],
        left_out: &[("seq", BOOKKEEPING), ("account_id", OWNER), ("browser", SECRET), ("mail_id", BOOKKEEPING)],
    },
    Held {
        section: "address_changes",
        label: "held-address-changes",
        table: "email_changes",
        owner: "account_id",
        order: "sent_at",
        columns: &[
            text("stage", "held-outcome"),
            text("email", "email-label"),
            text("former", "held-former-email"),
            at("sent_at", "held-at"),
            at("changed_at", "held-done-at"),
            at("undo_until", "held-expires-at"),
            id("session_id", ""),
        ],
        left_out: &[
            ("id", BOOKKEEPING),
            ("account_id", OWNER),
            ("code_digest", SECRET),
            ("attempts", BOOKKEEPING),
            ("undo_digest", SECRET),
        ],
    },
    Held {
        section: "authenticator_app",
        label: "held-totp",
        table: "totp_factors",
        owner: "account_id",
        order: "since",
        columns: &[at("since", "held-since"), at("last_used_at", "held-used-at")],
        left_out: &[
            ("account_id", OWNER),
            ("sealed", "the secret of the app: whoever has it has the factor"),
            ("last_step", BOOKKEEPING),
        ],
    },
    Held {
        section: "passkeys",
        label: "held-passkeys",
        table: "passkeys",
        owner: "account_id",
        order: "created_at",
        columns: &[
            text("name", "held-passkey-name"),
            at("created_at", "held-since"),
            at("last_used_at", "held-used-at"),
            truth("backed_up", "held-backed-up"),
        ],
        left_out: &[
            ("id", BOOKKEEPING),
            ("account_id", OWNER),
            ("credential_id", "the authenticator's own name for the key: it means nothing to people"),
            ("credential", "a public key: its other half never leaves the member's device"),
            ("counter", BOOKKEEPING),
        ],
    },
    Held {
        section: "lost_factor",
        label: "held-lost-factor",
        table: "lost_factors",
        owner: "account_id",
        order: "changed_at",
        columns: &[text("stage", "held-outcome"), at("changed_at", "held-at"), at("wait_until", "held-expires-at")],
        left_out: &[("account_id", OWNER)],
    },
    Held {
        section: "recovery_codes",
        label: "held-recovery",
        table: "recovery_codes",
        owner: "account_id",
        order: "made_at",
        columns: &[at("made_at", "held-at"), at("used_at", "held-used-at")],
        left_out: &[("account_id", OWNER), ("digest", SECRET)],
    },
    Held {
        section: "linked_services",
        label: "held-services",
        table: "consents",
        owner: "account_id",
        order: "given_at",
        columns: &[
            text("client_id", "held-service"),
            text("scopes", "held-scopes"),
            text("claims", "held-claims"),
            text("resources", "held-resource"),
            at("given_at", "held-at"),
            text("text_version", "held-version"),
            text("basis", "held-basis"),
        ],
        left_out: &[("account_id", OWNER)],
    },
    Held {
        section: "consent_receipts",
        label: "held-receipts",
        table: "consent_records",
        owner: "account_id",
        order: "seq",
        columns: &[
            number("seq", "held-number"),
            at("at", "held-at"),
            text("client_id", "held-service"),
            text("act", "held-act"),
            text("scopes", "held-scopes"),
            text("claims", "held-claims"),
            text("resources", "held-resource"),
            text("text_version", "held-version"),
            text("documents", "held-documents"),
            text("language", "held-language"),
        ],
        left_out: &[("account_id", OWNER)],
    },
    Held {
        section: "grants",
        label: "held-grants",
        table: "grants",
        owner: "account_id",
        order: "issued_at",
        columns: &[
            text("client_id", "held-service"),
            text("scopes", "held-scopes"),
            text("claims", "held-claims"),
            text("resource", "held-resource"),
            text("methods", "held-method"),
            text("acr", "held-acr"),
            id("session_id", ""),
            at("authenticated_at", "held-signed-in-at"),
            at("issued_at", "held-at"),
            at("redeemed_at", "held-redeemed-at"),
            at("revoked_at", "held-ended-at"),
            at("refresh_rotated_at", "held-used-at"),
            at("refresh_expires_at", "held-expires-at"),
        ],
        left_out: &[
            ("id", BOOKKEEPING),
            ("account_id", OWNER),
            ("sid", "the session once more"),
            ("code_digest", SECRET),
            ("redirect_uri", "the service's address"),
            ("challenge", SECRET),
            ("nonce", "the service's mark"),
            ("dpop_jkt", "the mark of the service's key"),
            ("refresh_handle", SECRET),
            ("refresh_current", SECRET),
            ("refresh_previous", SECRET),
            ("refresh_confirmed", BOOKKEEPING),
            ("refresh_generation", BOOKKEEPING),
            ("refresh_alive_from", BOOKKEEPING),
        ],
    },
    Held {
        section: "sign_out_notices",
        label: "held-notices",
        table: "logout_notices",
        owner: "account_id",
        order: "made_at",
        columns: &[
            text("client_id", "held-service"),
            text("why", "held-why"),
            at("made_at", "held-at"),
            at("done_at", "held-done-at"),
            truth("delivered", "held-delivered"),
        ],
        left_out: &[
            ("sid", "the session, named among the sessions"),
            ("account_id", OWNER),
            ("due_at", BOOKKEEPING),
            ("expires_at", BOOKKEEPING),
            ("attempts", BOOKKEEPING),
            ("leased_by", BOOKKEEPING),
            ("leased_until", BOOKKEEPING),
            ("last_error", BOOKKEEPING),
        ],
    },
    Held {
        section: "mails",
        label: "held-mails",
        table: "mails",
        owner: "account_id",
        order: "due_at",
        columns: &[text("kind", "held-kind"), at("due_at", "held-at"), at("done_at", "held-done-at")],
        left_out: &[
            ("id", BOOKKEEPING),
            ("account_id", OWNER),
            ("once", BOOKKEEPING),
            ("sealed", "the letter, which its reader has; it may carry codes, and is emptied when it is sent"),
            ("expires_at", BOOKKEEPING),
            ("attempts", BOOKKEEPING),
            ("leased_by", BOOKKEEPING),
            ("leased_until", BOOKKEEPING),
            ("last_error", BOOKKEEPING),
        ],
    },
    Held {
        section: "mailed_codes",
        label: "held-codes",
        table: "mailed_codes",
        owner: "account_id",
        order: "sent_at",
        columns: &[
            text("purpose", "held-kind"),
            text("email", "email-label"),
            at("sent_at", "held-at"),
            at("confirmed_at", "held-confirmed-at"),
        ],
        left_out: &[("account_id", OWNER), ("code_digest", SECRET), ("attempts", BOOKKEEPING)],
    },
    Held {
        section: "one_time_links",
        label: "held-links",
        table: "links",
        owner: "account_id",
        order: "expires_at",
        columns: &[text("purpose", "held-kind"), at("expires_at", "held-expires-at"), at("used_at", "held-used-at")],
        left_out: &[("digest", SECRET), ("account_id", OWNER)],
    },
    Held {
        section: "staff_roles",
        label: "held-roles",
        table: "staff_roles",
        owner: "account_id",
        order: "since",
        columns: &[
            text("role", "held-role"),
            text("department", "held-department"),
            at("since", "held-since"),
            at("ended_at", "held-ended-at"),
        ],
        left_out: &[("id", BOOKKEEPING), ("account_id", OWNER), ("given_by", OFFICIAL), ("ended_by", OFFICIAL)],
    },
    Held {
        section: "events",
        label: "held-events",
        table: "client_events",
        owner: "account_id",
        order: "made_at",
        columns: &[
            at("made_at", "held-at"),
            text("kind", "held-kind"),
            text("client_id", "held-service"),
            at("done_at", "held-closed-at"),
            truth("delivered", "held-outcome"),
        ],
        left_out: &[
            ("id", BOOKKEEPING),
            ("account_id", OWNER),
            ("due_at", BOOKKEEPING),
            ("expires_at", BOOKKEEPING),
            ("attempts", BOOKKEEPING),
            ("leased_by", BOOKKEEPING),
            ("leased_until", BOOKKEEPING),
            ("last_error", BOOKKEEPING),
        ],
    },
    Held {
        section: "active",
        label: "held-active",
        table: "active_members",
        owner: "account_id",
        order: "begins_at",
        columns: &[text("span", "held-kind"), at("begins_at", "held-since")],
        left_out: &[("account_id", OWNER)],
    },
    Held {
        section: "log",
        label: "held-log",
        table: "audit_log",
        owner: "account_id",
        order: "seq",
        columns: &[
            at("at", "held-at"),
            text("action", "held-kind"),
            text("actor", "held-actor"),
            text("client_id", "held-service"),
            id("session_id", ""),
            Column { column: "address", name: "origin", label: "held-origin", kind: Kind::Text },
            json("detail", "held-detail"),
        ],
        left_out: &[
            ("seq", BOOKKEEPING),
            ("account_id", OWNER),
            ("actor_id", OFFICIAL),
            (
                "origin",
                "a mark that shows that the address was not changed; lines older than the mark have it in clear",
            ),
            ("address_salt", "what the mark was made with"),
        ],
    },
];

/// Tables of which nothing is given, and why.
pub const NOT_GIVEN: &[(&str, &str)] = &[
    ("api_answers", "what programs of the staff were answered, sealed, for a day"),
    ("active_services", "which services were in use in a day, of nobody"),
    ("figures", "numbers, of nobody"),
    ("figure_batches", "which numbers were added already"),
    ("approvals", "what officials decided together; what was done to a member is in the member's log"),
    ("audit_hours", "numbers of lines by the hour, of nobody"),
    ("audit_seals", "hashes over the whole log"),
    ("client_assertions", "marks of services' requests"),
    ("client_logos", "pictures of services"),
    ("client_days", "counts for each service, of nobody"),
    ("client_last_use", "when each service was last used, by nobody in particular"),
    ("clients", "services, not members"),
    ("device_codes", "codes of devices, tied to no member until they become a grant, which is given"),
    ("identity_numbers", "keyed marks of the number, which is given in full under identity"),
    ("leases", "which node does what"),
    ("member_words", "name and address once more, folded for searching"),
    ("registration_tokens", "for services"),
    ("registrations", "before there is an account; emptied when it is made"),
    ("resting_numbers", "keyed marks of numbers of erased accounts, tied to no member any more"),
    ("revoked_tokens", "marks of tokens of machines"),
    ("seaql_migrations", "which steps of the schema were taken"),
    ("signing_keys", "the provider's own keys"),
    ("staff_invitations", "links for officials; the role that came of one is given"),
    ("traffic", "the traffic data that the Computer Crime Act has kept, for 90 days; the sign-ins in it are given"),
    ("trials", "shadows of services, for ten minutes, which officials tried; what they agreed to goes with them"),
    ("throttles", "counts under keyed marks that cannot be read back to a member; gone within a day"),
];
