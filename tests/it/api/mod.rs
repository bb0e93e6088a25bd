//! The API for programs of the staff, a file for each thing that must hold.

mod approvals;
mod audit;
mod clients;
mod document;
mod gate;
mod matrix;
mod members;
mod once;
mod properties;
mod reviews;
mod staff;

use serde_json::{Value, json};

/// Sound settings of a client.
pub(crate) fn settings() -> Value {
    json!({
        "name": { "th": "ระบบทดสอบ", "en": "Sample service" },
        "purpose": { "th": "ออกหนังสือรับรอง", "en": "issue certificates" },
        "department": "dit",
        "owner_email": "somchai@moc.example",
        "redirect_uris": ["https://service.example/cb"],
        "scopes": ["openid", "membership", "email"],
    })
}
