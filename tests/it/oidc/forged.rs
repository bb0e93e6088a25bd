//! Tokens that are not what they say (S029).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idp_core::jose::{Algorithm, SigningKey, TokenType};
use idp_tests::{App, Client, ClientServer, Jwt, Tokens, decoded_part, with_part};
use openidconnect::PrivateSigningKey;
use openidconnect::core::{CoreHmacKey, CoreJwsSigningAlgorithm};
use openssl::bn::BigNum;
use openssl::rsa::Rsa;
use serde_json::{Value, json};

async fn start() -> (App, Client, Tokens) {
    let app = App::start().await;
    let mut ana = app.insert_member("ana").await;
    let rp = app.client("rp").rs256().await;
    let tokens = rp.sign_in(&mut ana).await;
    (app, rp, tokens)
}

/// `token` is refused, and the true one still counts.
async fn is_refused(app: &App, rp: &Client, token: &str, what: &str) {
    let reply = app.unchanged(rp.userinfo(token)).await;
    assert_eq!(reply.status.as_u16(), 401, "{what}: {token}");
    assert!(reply.header("www-authenticate").contains("invalid_token"), "{what}");
}

#[tokio::test]
async fn s029_an_unsigned_token_is_refused_in_every_spelling() {
    let (app, rp, tokens) = start().await;
    let true_one = Jwt::read(&tokens.access);
    for alg in ["none", "None", "NONE", "nOnE", "", "null"] {
        for signature in [&[][..], b"x", &[0; 64]] {
            let forged = true_one.clone().header("alg", alg).signature(signature);
            is_refused(&app, &rp, &forged.token(), alg).await;
        }
        let bare = true_one.clone().header("alg", alg).signed_part();
        is_refused(&app, &rp, &bare, alg).await;
    }
    for alg in [Value::Null, json!(["none"]), json!(0), json!({})] {
        is_refused(&app, &rp, &true_one.clone().header("alg", alg).token(), "alg of another type").await;
    }
    rp.userinfo(&tokens.access).await.expect(200);
}

#[tokio::test]
async fn s029_an_empty_or_zero_signature_is_refused() {
    let (app, rp, tokens) = start().await;
    let true_one = Jwt::read(&tokens.access);
    for signature in [&[][..], &[0; 1], &[0; 32], &[0; 64], &[0; 256], &[0xff; 64]] {
        is_refused(&app, &rp, &true_one.clone().signature(signature).token(), "signature").await;
    }
    let (signed, signature) = tokens.access.rsplit_once('.').unwrap();
    // The signature of another token, a doubled one, and one in DER.
    let other = tokens.id.token.rsplit('.').next().unwrap();
    for signature in [other.to_owned(), format!("{signature}{signature}"), format!("MEUCIQ{signature}")] {
        is_refused(&app, &rp, &format!("{signed}.{signature}"), "signature").await;
    }
}

/// A public key of RSA in every file format there is.
fn pem_and_der(jwk: &Value) -> Vec<Vec<u8>> {
    let number = |name: &str| BigNum::from_slice(&URL_SAFE_NO_PAD.decode(jwk[name].as_str()?).ok()?).ok();
    let (Some(n), Some(e)) = (number("n"), number("e")) else { return Vec::new() };
    let rsa = Rsa::from_public_components(n, e).unwrap();
    let files = [rsa.public_key_to_pem(), rsa.public_key_to_pem_pkcs1()].map(Result::unwrap);
    let trimmed = files.clone().map(|file| file.trim_ascii_end().to_vec());
    let bare = [rsa.public_key_to_der(), rsa.public_key_to_der_pkcs1()].map(Result::unwrap);
    [files, trimmed, bare].concat()
}

#[tokio::test]
async fn s029_a_public_key_is_no_shared_secret() {
    let (app, rp, tokens) = start().await;
    let jwks = app.get("/jwks.json").await;
    for key in jwks.json()["keys"].as_array().unwrap() {
        let kid = key["kid"].as_str().unwrap();
        let modulus = key["n"].as_str().or(key["x"].as_str()).unwrap();
        let mut secrets = pem_and_der(key);
        secrets.extend([
            key.to_string().into_bytes(),
            jwks.body.clone().into_bytes(),
            URL_SAFE_NO_PAD.decode(modulus).unwrap(),
            modulus.as_bytes().to_vec(),
            kid.as_bytes().to_vec(),
            b"".to_vec(),
            rp.secret.reveal().as_bytes().to_vec(),
        ]);
        for secret in secrets {
            let forged = Jwt::read(&tokens.access).header("alg", "HS256").header("kid", kid);
            let mac =
                CoreHmacKey::new(secret).sign(&CoreJwsSigningAlgorithm::HmacSha256, forged.signed_part().as_bytes());
            is_refused(&app, &rp, &forged.signature(&mac.unwrap()).token(), "HS256").await;
        }
    }
}

#[tokio::test]
async fn s029_a_key_that_travels_with_the_token_counts_for_nothing() {
    let (app, rp, tokens) = start().await;
    let claims = decoded_part(&tokens.access, 1);
    let canary = ClientServer::start().await;
    for algorithm in Algorithm::ALL {
        let (stranger, _) = SigningKey::generate(algorithm).unwrap();
        let signed = stranger.seal_claims(TokenType::Access, &claims).unwrap();
        is_refused(&app, &rp, &signed, "a stranger's key").await;
        let ours = decoded_part(&tokens.access, 0)["kid"].clone();
        is_refused(&app, &rp, &Jwt::read(&signed).header("kid", ours).token(), "under our name").await;
        canary.show_keys(&[&stranger]);
        let address = canary.url("/jwks.json");
        for (name, value) in [
            ("jwk", json!(stranger.public())),
            ("jku", json!(address)),
            ("x5u", json!(address)),
            ("x5c", json!(["MIIB"])),
        ] {
            // Signed by the key that travels along or lies there: whoever took it from the token would be convinced.
            let forged = Jwt::read(&signed).header(name, value);
            is_refused(&app, &rp, &forged.signed_by(&stranger), name).await;
            let ours = decoded_part(&tokens.access, 0)["kid"].clone();
            is_refused(&app, &rp, &forged.header("kid", ours).signed_by(&stranger), name).await;
        }
    }
    assert_eq!(canary.times_asked(), 0, "no address in a token is ever asked");
    let secret = b"an attacker's own".to_vec();
    let oct = json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode(&secret) });
    let forged = Jwt::read(&tokens.access).header("alg", "HS256").header("jwk", oct);
    let mac = CoreHmacKey::new(secret).sign(&CoreJwsSigningAlgorithm::HmacSha256, forged.signed_part().as_bytes());
    is_refused(&app, &rp, &forged.signature(&mac.unwrap()).token(), "oct").await;
}

#[tokio::test]
async fn s029_a_kid_names_a_key_of_ours_and_nothing_else() {
    let (app, rp, tokens) = start().await;
    let true_one = Jwt::read(&tokens.access);
    for kid in [
        json!("../../../../dev/null"),
        json!("keys.toml"),
        json!("' UNION SELECT 'x' --"),
        json!("%00"),
        json!(""),
        json!("x".repeat(4000)),
        json!(null),
        json!(0),
        json!(["x"]),
        json!({ "x": 1 }),
    ] {
        is_refused(&app, &rp, &true_one.clone().header("kid", kid.clone()).token(), &kid.to_string()).await;
    }
    // The other key of ours, and a header that says things twice.
    let jwks = app.get("/jwks.json").await.json();
    for key in jwks["keys"].as_array().unwrap() {
        if key["kid"] != true_one.header["kid"] {
            is_refused(&app, &rp, &true_one.clone().header("kid", key["kid"].clone()).token(), "another key").await;
        }
    }
    let header = true_one.header.to_string();
    let doubled = header.replacen('{', r#"{"alg":"none","#, 1);
    is_refused(&app, &rp, &with_part(&tokens.access, 0, doubled.as_bytes()), "alg twice").await;
    // Under our own signature nothing but the member is wrong.
    let ring = app.keys.load_full();
    let own = ring.verifying(true_one.header["kid"].as_str().unwrap()).unwrap();
    rp.userinfo(&true_one.signed_by(own)).await.expect(200);
    for crit in [json!(["exp"]), json!(["b64"]), json!(["x"]), json!([]), json!("exp"), json!(null)] {
        let critical = true_one.clone().header("crit", crit.clone()).signed_by(own);
        is_refused(&app, &rp, &critical, &format!("crit {crit}")).await;
    }
    let unencoded = true_one.clone().header("b64", false).header("crit", json!(["b64"])).signed_by(own);
    is_refused(&app, &rp, &unencoded, "b64").await;
}

#[tokio::test]
async fn s029_our_own_signature_under_wrong_claims_is_refused() {
    let (app, rp, tokens) = start().await;
    let ring = app.keys.load_full();
    let sign = |claims: &Value, typ| ring.signing(Algorithm::ES256).unwrap().seal_claims(typ, claims).unwrap();
    let claims = decoded_part(&tokens.access, 1);
    rp.userinfo(&sign(&claims, TokenType::Access)).await.expect(200);
    let now = app.now().timestamp();
    for (name, value) in [
        ("iss", json!("https://evil.test")),
        ("iss", json!(format!("{}/", app.issuer()))),
        ("iss", Value::Null),
        ("aud", json!("rp")),
        ("aud", json!(["rp", "https://evil.test"])),
        ("aud", json!([7])),
        ("aud", json!([])),
        ("cnf", json!({ "jkt": "x" })),
        ("cnf", json!({})),
        ("exp", json!(now)),
        ("exp", json!(now - 1)),
        ("exp", json!((now + 300).to_string())),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", Value::Null),
        ("client_id", json!("other")),
        ("grant", json!("00000000-0000-4000-8000-000000000000")),
        ("grant", json!("x")),
        ("generation", json!(1)),
        ("generation", json!(-1)),
        ("generation", json!(4_294_967_295_u32)),
        ("scope", json!("")),
        ("scope", json!("email profile")),
        ("scope", json!(["openid"])),
        ("scope", Value::Null),
    ] {
        let mut wrong = claims.clone();
        wrong[name] = value.clone();
        is_refused(&app, &rp, &sign(&wrong, TokenType::Access), &format!("{name} {value}")).await;
        if wrong.as_object_mut().unwrap().remove(name).is_some() && name != "cnf" {
            is_refused(&app, &rp, &sign(&wrong, TokenType::Access), &format!("no {name}")).await;
        }
    }
    is_refused(&app, &rp, &sign(&claims, TokenType::Id), "typ JWT").await;
    // More than was granted is not given, whoever signed it.
    let mut wide = claims;
    wide["scope"] = json!("openid email citizen_id");
    let reply = rp.userinfo(&sign(&wide, TokenType::Access)).await.expect(200);
    assert!(reply.json().get("citizen_id").is_none());
}

#[tokio::test]
async fn s029_no_other_token_passes_for_an_access_token() {
    let (app, rp, tokens) = start().await;
    is_refused(&app, &rp, &tokens.id.token, "an ID token").await;
    is_refused(&app, &rp, &tokens.refresh, "a refresh token").await;
    let retyped = Jwt::read(&tokens.id.token).header("typ", "at+jwt");
    is_refused(&app, &rp, &retyped.token(), "an ID token that says it is one").await;
    let true_one = Jwt::read(&tokens.access);
    let ring = app.keys.load_full();
    let own = ring.verifying(true_one.header["kid"].as_str().unwrap()).unwrap();
    rp.userinfo(&true_one.signed_by(own)).await.expect(200);
    for typ in
        [json!("JWT"), json!("logout+jwt"), json!("dpop+jwt"), json!(null), json!(1), json!("at+jwt "), json!("")]
    {
        is_refused(&app, &rp, &true_one.clone().header("typ", typ.clone()).signed_by(own), &typ.to_string()).await;
    }
}

#[tokio::test]
async fn s029_a_token_cut_or_extended_by_a_character_is_refused() {
    let (app, rp, tokens) = start().await;
    let token = &tokens.access;
    let (header, rest) = token.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    for odd in [
        token[..token.len() - 1].to_owned(),
        token[1..].to_owned(),
        format!("{token}A"),
        format!("{token}="),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        format!("{header}.{payload}"),
        format!("{header}..{signature}"),
        format!("{header}.{payload}.."),
        format!("{header}.{}A.{signature}", payload),
        format!("{header}.{payload}.{}", signature.to_uppercase()),
        format!("{header}\u{2024}{payload}\u{2024}{signature}"),
        token.replace('.', ".."),
        token.repeat(2),
        format!("{token}{}", "A".repeat(10_000)),
        "A".repeat(100_000),
        ".".repeat(10_000),
        "e30.e30.e30".to_owned(),
        format!("{}.e30.e30", URL_SAFE_NO_PAD.encode("{".repeat(5000))),
    ] {
        // A header's value has no letters beyond ASCII: those travel in the form.
        let reply = app.post("/userinfo", &idp_tests::encoded(&[("access_token", odd.as_str())])).await;
        let expected = match reply.status.as_u16() {
            400 => "invalid_request",
            401 => "invalid_token",
            status => panic!("{status} for {odd}"),
        };
        assert!(reply.header("www-authenticate").contains(expected), "{odd}");
    }
    rp.userinfo(token).await.expect(200);
}
