//! One file for each page, of the same stem as its template and its address.

mod code;
mod consent;
mod data;
mod delete;
mod device;
mod device_confirm;
mod document;
mod ended;
mod error;
mod form_post;
mod keep;
mod login;
mod message;
mod new_password;
mod not_me;
mod profile;
mod recover;
mod register_details;
mod register_email;
mod register_terms;
mod register_type;
<<<<<<< HEAD
mod service_links;
=======
mod services;
>>>>>>> main
mod signed_out;
mod signout;
mod verify;
mod verify_card;
mod verify_done;
mod verify_mailbox;
mod verify_stopped;
mod welcome;

pub use code::CodePage;
pub use consent::{ConsentItem, ConsentPage, ServiceCard};
pub use data::DataPage;
pub use delete::DeletePage;
pub use device::DevicePage;
pub use device_confirm::DeviceConfirmPage;
pub use document::DocumentPage;
pub use ended::EndedPage;
pub use error::ErrorPage;
pub use form_post::FormPostPage;
pub use keep::KeepPage;
pub use login::SignInPage;
pub use message::{MessagePage, Sign};
pub use new_password::{NewPasswordPage, PasswordProof};
pub use not_me::NotMePage;
pub use profile::{MembershipView, ProfilePage, SessionRow};
pub use recover::RecoverPage;
pub use register_details::{DetailsForm, DetailsPage, TITLES};
pub use register_email::EmailPage;
pub use register_terms::TermsPage;
pub use register_type::MemberTypePage;
<<<<<<< HEAD
pub use service_links::ServiceLinks;
=======
pub use services::{LinkedService, ServicesPage};
>>>>>>> main
pub use signed_out::SignedOutPage;
pub use signout::SignOutPage;
pub use verify::VerifyChoicePage;
pub use verify_card::{CardForm, VerifyCardPage};
pub use verify_done::VerifyDonePage;
pub use verify_mailbox::StaffMailboxPage;
pub use verify_stopped::{StoppedKind, VerifyStoppedPage};
pub use welcome::WelcomePage;
