//! `/profile/email`: another e-mail address. Whoever asks has just proven who they are; a code proves the new mailbox; the
//! old one is told, and can take it back for a week.
//!
//! [`mod@ask`] → [`mod@code`] → done; from the letter to the old address [`mod@undo`].

mod ask;
mod code;
mod undo;

pub use ask::{get as ask_page, post as ask};
pub use code::{get as code_page, post as check_code, resend};
pub use undo::{get as undo_page, post as undo};

use axum::response::Response;
use chrono::TimeDelta;
use idp_core::account::{Access, Account, Standing};
use idp_core::email::EmailAddress;
use idp_core::mail::OutgoingMail;

use super::post_office::{Posting, post as seal_letter};
use crate::extract::{Member, Visitor};
use crate::mail::Letter;
use crate::state::App;
use crate::urls;
use crate::view::lang::Lang;

/// The member whose address may be changed here; anybody else is led to where they can do something.
fn changeable(visitor: &Visitor) -> Result<Member, Box<Response>> {
    let member = visitor.signed_in()?;
    let account = &member.account.account;
    let may = matches!(account.access(visitor.now), Access::Full | Access::VerifyOrDelete);
    if may && account.standing == Standing::Active { Ok(member) } else { Err(Box::new(visitor.go(urls::PROFILE))) }
}

/// A letter to one of the account's addresses, in the language the member chose.
fn letter(app: &App, visitor: &Visitor, account: &Account, to: &EmailAddress, letter: Letter) -> OutgoingMail {
    let posting = Posting {
        account: Some(account.id),
        to,
        lang: account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visitor.lang),
        good_for: TimeDelta::days(7),
        once: None,
    };
    seal_letter(app, posting, letter, visitor.now)
}

/// An address that its owner recognises and a stranger cannot use: `so•••@mail.example`.
fn masked(email: &EmailAddress) -> String {
    let shown: String = email.local_part().chars().take(2).collect();
    format!("{shown}•••@{}", email.domain())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_masked() {
        let check = |typed: &str, shown: &str| assert_eq!(masked(&EmailAddress::parse(typed).unwrap()), shown);
        check("somchai@mail.example", "so•••@mail.example");
        check("a@mail.example", "a•••@mail.example");
    }
}
