//! Programs with roles: a client holds rows of the same table as a member of staff, under an id made from its `client_id`.

use sha2::{Digest as _, Sha256};
use uuid::{Builder, Version};

use crate::id::{AccountId, ClientId};

/// What programs' ids are made from, besides the `client_id`.
const CONTEXT: &[u8] = b"moc-account/program/";

/// The id under which a client holds roles, asks, and is written down. It is a UUID of version 8; accounts have random ones
/// of version 4, so none is ever an account's.
pub fn program_id(client: &ClientId) -> AccountId {
    let digest = Sha256::new().chain_update(CONTEXT).chain_update(client.as_str()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    AccountId(Builder::from_custom_bytes(bytes).into_uuid())
}

/// Whether an id is a program's.
pub fn is_program(id: AccountId) -> bool {
    id.0.get_version() == Some(Version::Custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_never_an_account() {
        struct Fixed;
        impl crate::chance::Chance for Fixed {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.fill(0xff);
            }
        }
        let id = |text| program_id(&ClientId::parse(text).unwrap());
        assert!(is_program(id("reports")));
        assert_ne!(id("reports"), id("report"));
        assert_eq!(id("reports"), id("reports"));
        assert!(!is_program(AccountId::make(&Fixed)));
        assert!(!is_program(AccountId(uuid::Uuid::nil())));
    }
}
