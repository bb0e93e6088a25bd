//! The mails MOC Account sends: what each says, how it is laid out, and how it leaves the house.

mod letter;

mod compose;

mod transport;

pub use compose::{Composed, Sender};
pub use letter::{Letter, PasskeyChange, UnusedClient};
pub use transport::{MailError, MailSettingError, Mailer};
