//! Lines to copy for common stacks, filled in for one client; `docs/integrate` has the whole programs, run by the tests.

use idp_core::client::{Client, ClientKind};
use idp_core::scope::Scope;

use crate::state::App;
use crate::view::page::admin::Snippet;

/// The snippets that fit the client.
pub(super) fn of(app: &App, client: &Client) -> Vec<Snippet> {
    let issuer = app.issuer();
    let id = client.id.as_str();
    let scope = Scope::ALL.into_iter().filter(|scope| client.scopes.contains(*scope));
    let scope = scope.map(Scope::as_str).collect::<Vec<_>>().join(" ");
    let uri = client.redirect_uris.first().map_or("", |uri| uri.as_str());
    let discovery = format!("{issuer}/.well-known/openid-configuration");
    let snippet = |stack, text| Snippet { stack, text };
    let settings = snippet(
        "OpenID Connect",
        format!(
            "issuer:       {issuer}\ndiscovery:    {discovery}\nclient_id:    {id}\nscope:        {scope}\nredirect_uri: {uri}\nPKCE:         S256"
        ),
    );
    if client.redirect_uris.is_empty() {
        let call = format!(
            "curl -u '{id}':\"$MOC_CLIENT_SECRET\" \\\n  -d grant_type=client_credentials \\\n  {issuer}/token"
        );
        return vec![snippet("curl", call)];
    }
    let node = format!(
        "// npm install openid-client\nimport * as client from \"openid-client\";\n\nconst config = await client.discovery(\n  new URL(\"{issuer}\"), \"{id}\"{secret});\nconst verifier = client.randomPKCECodeVerifier();\nconst url = client.buildAuthorizationUrl(config, {{\n  redirect_uri: \"{uri}\",\n  scope: \"{scope}\",\n  code_challenge: await client.calculatePKCECodeChallenge(verifier),\n  code_challenge_method: \"S256\",\n  state: client.randomState(),\n  nonce: client.randomNonce(),\n}});",
        secret = if client.is_public() {
            ", undefined, client.None()"
        } else {
            ",\n  undefined, client.ClientSecretBasic(process.env.MOC_CLIENT_SECRET)"
        },
    );
    if client.kind != ClientKind::Web {
        return vec![settings, snippet("JavaScript (openid-client)", node)];
    }
    let authlib = format!(
        "# pip install Authlib Flask requests\noauth.register(\n    \"moc\",\n    client_id=\"{id}\",\n    client_secret=os.environ[\"MOC_CLIENT_SECRET\"],\n    server_metadata_url=\"{discovery}\",\n    client_kwargs={{\"scope\": \"{scope}\", \"code_challenge_method\": \"S256\"}},\n)"
    );
    let spring = format!(
        "spring.security.oauth2.client.provider.moc.issuer-uri={issuer}\nspring.security.oauth2.client.registration.moc.client-id={id}\nspring.security.oauth2.client.registration.moc.client-secret=${{MOC_CLIENT_SECRET}}\nspring.security.oauth2.client.registration.moc.scope={}\nspring.security.oauth2.client.registration.moc.redirect-uri={uri}",
        scope.replace(' ', ",")
    );
    let aspnet = format!(
        "builder.Services.AddAuthentication().AddOpenIdConnect(\"moc\", o => {{\n  o.Authority = \"{issuer}\";\n  o.ClientId = \"{id}\";\n  o.ClientSecret = builder.Configuration[\"MOC_CLIENT_SECRET\"];\n  o.ResponseType = \"code\";\n  o.UsePkce = true;\n}});"
    );
    vec![
        settings,
        snippet("Node.js (openid-client)", node),
        snippet("Python (Authlib)", authlib),
        snippet("Java (Spring Boot)", spring),
        snippet("ASP.NET Core", aspnet),
    ]
}
