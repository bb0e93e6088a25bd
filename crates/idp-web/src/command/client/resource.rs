//! Resources: what a client is to others, and what it may ask for.

use idp_core::client::Client;
use idp_core::resource::ResourceUri;
use idp_store::Store;

use super::super::Failure;

/// `URI scope scope …`
pub(super) fn resource_and_scopes(text: &str) -> (String, Vec<String>) {
    let mut words = text.split_whitespace().map(str::to_owned);
    (words.next().unwrap_or_default(), words.collect())
}

/// A resource has one name of its own, and nobody may ask for what is not there.
pub(super) async fn check_resources(store: &Store, client: &Client) -> Result<(), Failure> {
    if client.resource.is_none() && client.resources.is_empty() {
        return Ok(());
    }
    let others = store.clients().await?;
    let known = |identifier: &ResourceUri| {
        others.iter().filter_map(|other| other.resource.as_ref()).find(|other| other.identifier == *identifier)
    };
    if let Some(own) = &client.resource
        && known(&own.identifier).is_some()
    {
        return Err(Failure(format!("--resource: {} is another client's already", own.identifier)));
    }
    for access in &client.resources {
        let resource = known(&access.resource)
            .ok_or_else(|| Failure(format!("--may-call: there is no resource {}", access.resource)))?;
        if let Some(scope) = access.scopes.iter().find(|scope| !resource.scopes.contains(scope)) {
            return Err(Failure(format!("--may-call: {} knows no scope {}", access.resource, scope.as_str())));
        }
    }
    Ok(())
}
