//! The `sub` claim (OpenID Connect Core §8): another one in every sector, unless the client is set to public.

use sha2::{Digest, Sha256};

use crate::client::{Client, SubjectType};
use crate::secret::base64url;

/// The `sub` of the account with this random seed, as `client` sees it: 43 characters that tell nothing and do not
/// change when keys rotate.
pub fn subject(seed: &[u8; 32], client: &Client) -> String {
    let mut hash = Sha256::new();
    hash.update(seed);
    match &client.subject {
        SubjectType::Pairwise { sector } => {
            hash.update(b"sector\n");
            hash.update(sector.as_bytes());
        }
        SubjectType::Public => hash.update(b"public\n"),
    }
    base64url(&hash.finalize())
}
