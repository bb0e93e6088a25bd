//! A password in the place of another: what it must be like, and the letter that tells its owner.

use chrono::TimeDelta;
use idp_core::account::Account;
use idp_core::audit::AuditEvent;
use idp_core::password::policy::{self, PasswordWeakness};
use idp_store::NewPassword;

use super::not_me::{self, Disputed};
use super::post_office::{Posting, post as seal_letter};
use crate::error::AppError;
use crate::extract::Visitor;
use crate::mail::Letter;
use crate::state::App;
use crate::view::field::FieldErrors;
use crate::view::lang::Lang;
use crate::view::text::Text;

/// The least length of a password without a second factor.
pub const LEAST: usize = 15;

/// Judges a password for an account whose owner's own words are `own_words`; a fault goes to `field`.
pub fn judge(password: &str, own_words: &[&str], field: &'static str, errors: &mut FieldErrors) {
    if let Err(weakness) = policy::check(password, false, own_words) {
        let text = Text::key(weakness.message_key());
        let text = match weakness {
            PasswordWeakness::TooShort { min } => text.with("min", min),
            PasswordWeakness::TooLong { max } => text.with("max", max),
            _ => text,
        };
        errors.add(field, text);
    }
}

/// What a password for this account must not be made of.
pub fn own_words(account: &Account) -> Vec<String> {
    let profile = &account.profile;
    let mut words = vec![
        account.email.as_str().to_owned(),
        account.email.local_part().to_owned(),
        profile.full_name(),
        profile.first_name.as_str().to_owned(),
        profile.last_name.as_str().to_owned(),
        profile.birth_date.year().to_string(),
        profile.organization.clone(),
        profile.department.clone(),
        profile.position.clone(),
    ];
    words.extend(profile.full_name_en());
    words.extend(profile.phone.as_ref().map(|phone| phone.as_str().to_owned()));
    words
}

/// Hashes a password, and writes the letter about it with the link by which its owner objects.
///
/// # Errors
/// When too many passwords wait to be hashed.
pub async fn prepare(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    password: &str,
    events: Vec<AuditEvent>,
) -> Result<NewPassword, AppError> {
    let hash = app.hasher.hash(password.to_owned()).await?;
    let (link, not_me_url) = not_me::objection(app, account.id, Disputed::Password, visitor.now);
    let letter = Letter::PasswordChanged { name: account.profile.full_name(), at: visitor.now, not_me_url };
    let posting = Posting {
        account: Some(account.id),
        to: &account.email,
        lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visitor.lang),
        good_for: TimeDelta::days(7),
        once: None,
    };
    let mail = seal_letter(app, posting, letter, visitor.now);
    let device = visitor.known_device();
    Ok(NewPassword { account_id: account.id, hash, device, links: vec![link], events, mails: vec![mail] })
}
