//! Lines to copy for common stacks, filled in for one client; `docs/integrate` has the whole programs, run by the tests.

use idp_core::client::{Client, ClientAuthentication, ClientKind};
use idp_core::jose::Algorithm;
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
        secret = match &client.authentication {
            ClientAuthentication::None => ", undefined, client.None()",
            ClientAuthentication::ClientSecretBasic { .. } => {
                ",\n  undefined, client.ClientSecretBasic(process.env.MOC_CLIENT_SECRET)"
            }
            ClientAuthentication::ClientSecretPost { .. } => {
                ",\n  undefined, client.ClientSecretPost(process.env.MOC_CLIENT_SECRET)"
            }
            // A CryptoKey of its own, whose public half is registered.
            ClientAuthentication::PrivateKeyJwt { .. } => ",\n  undefined, client.PrivateKeyJwt(privateKey)",
        },
    );
    // The others are programs on servers with a secret.
    if client.kind != ClientKind::Web || client.authentication.secrets().is_empty() {
        return vec![settings, snippet("JavaScript (openid-client)", node)];
    }
    let in_body = matches!(client.authentication, ClientAuthentication::ClientSecretPost { .. });
    let method = client.authentication.method();
    let authlib = format!(
        "# pip install Authlib Flask requests\noauth.register(\n    \"moc\",\n    client_id=\"{id}\",\n    client_secret=os.environ[\"MOC_CLIENT_SECRET\"],\n    server_metadata_url=\"{discovery}\",\n    client_kwargs={{\"scope\": \"{scope}\", \"code_challenge_method\": \"S256\",\n                   \"token_endpoint_auth_method\": \"{method}\"}},\n)"
    );
    let registration = "spring.security.oauth2.client.registration.moc";
    let rs256 = match client.id_token_algorithm {
        Algorithm::RS256 => "",
        _ => "# Spring takes RS256 alone: register RS256 here, or a bean OidcIdTokenDecoderFactory there.\n",
    };
    let spring = format!(
        "{rs256}spring.security.oauth2.client.provider.moc.issuer-uri={issuer}\n{registration}.client-id={id}\n{registration}.client-secret=${{MOC_CLIENT_SECRET}}\n{registration}.client-authentication-method={method}\n{registration}.scope={}\n{registration}.redirect-uri={uri}",
        scope.replace(' ', ",")
    );
    let body = match in_body {
        true => "",
        false => "// ASP.NET Core sends the secret in the body: choose client_secret_post for it here.\n",
    };
    let path = url::Url::parse(uri).map_or_else(|_| String::new(), |uri| uri.path().to_owned());
    let aspnet = format!(
        "{body}builder.Services.AddAuthentication().AddOpenIdConnect(\"moc\", o => {{\n  o.Authority = \"{issuer}\";\n  o.ClientId = \"{id}\";\n  o.ClientSecret = builder.Configuration[\"MOC_CLIENT_SECRET\"];\n  o.CallbackPath = \"{path}\";\n  o.ResponseType = \"code\";\n  o.UsePkce = true;\n  o.Scope.Clear();\n  foreach (var scope in \"{scope}\".Split(' ')) o.Scope.Add(scope);\n}});"
    );
    vec![
        settings,
        snippet("Node.js (openid-client)", node),
        snippet("Python (Authlib)", authlib),
        snippet("Java (Spring Boot)", spring),
        snippet("ASP.NET Core", aspnet),
    ]
}
