//! What a Thai person types about themselves, parsed once at the edge.
//!
//! In reading order: [`digits`](ascii_digits) every number passes through, the 13-digit number, the fold that makes
//! two encodings of one name equal, titles, names, dates in the Buddhist era, and days in Thailand's time.

mod claimed_date;
mod date;
mod digits;
mod fold;
mod name;
mod national_id;
pub mod time;
mod title;
mod typed_day;

pub use claimed_date::claimed_birth_date;
pub use date::{BuddhistDate, DateError, MONTHS_ENGLISH, MONTHS_THAI};
pub use digits::ascii_digits;
pub use fold::comparison_key;
pub(crate) use fold::{is_invisible, spelling};
pub use name::{LatinName, NameError, ThaiName};
pub(crate) use name::{in_thai_order, is_latin_letter};
pub use national_id::{AcceptedNumbers, NationalId, NationalIdError};
pub use title::{Title, TitleError};
pub use typed_day::{day_in_thai, typed_day};
