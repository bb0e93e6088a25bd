//! An authenticator in software, and the part of a browser that stands before it (Web Authentication): honest unless it is
//! told to lie.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::sha::sha256;
use openssl::sign::Signer;
use serde_json::{Value, json};

use crate::{Form, Member, Page};

/// Flags of the authenticator data (Level 3 §6.1).
pub mod flag {
    /// Somebody was there.
    pub const PRESENT: u8 = 0x01;
    /// It was looked at who.
    pub const VERIFIED: u8 = 0x04;
    /// There may be a copy elsewhere.
    pub const MAY_BE_BACKED_UP: u8 = 0x08;
    /// There is a copy elsewhere.
    pub const BACKED_UP: u8 = 0x10;
    /// A credential is described.
    pub const CREDENTIAL: u8 = 0x40;
}

/// A credential that the authenticator keeps.
#[derive(Clone)]
pub struct Held {
    /// Its id.
    pub id: Vec<u8>,
    /// The user handle it was made with.
    pub user: Vec<u8>,
    /// The site it is for.
    pub rp_id: String,
    /// How often it has signed; zero for ever where it does not count.
    pub counter: u32,
    key: PKey<Private>,
}

/// An authenticator.
#[derive(Clone)]
pub struct Authenticator {
    /// What it keeps, the newest last.
    pub held: Vec<Held>,
    /// The flags it sets.
    pub flags: u8,
    /// Whether it counts its signatures.
    pub counts: bool,
    /// The site the browser says it is on.
    pub origin: String,
}

impl Authenticator {
    /// One that looks at its owner, counts, and keeps no copies, in a browser at `origin`.
    pub fn new(origin: &str) -> Self {
        Self { held: Vec::new(), flags: flag::PRESENT | flag::VERIFIED, counts: true, origin: origin.to_owned() }
    }

    /// Makes a credential for these options. It is kept at once.
    pub fn create(&mut self, options: &Value) -> Creation {
        let asked = &options["publicKey"];
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("OpenSSL knows P-256");
        let key = EcKey::generate(&group).expect("OpenSSL makes keys");
        let (mut x, mut y) = (BigNum::new().expect("memory"), BigNum::new().expect("memory"));
        let mut context = BigNumContext::new().expect("memory");
        key.public_key().affine_coordinates(&group, &mut x, &mut y, &mut context).expect("a point has coordinates");
        let mut id = vec![0; 32];
        openssl::rand::rand_bytes(&mut id).expect("OpenSSL has randomness");
        let rp_id = asked["rp"]["id"].as_str().expect("the options name the site").to_owned();
        let user = bytes(&asked["user"]["id"]);
        let key = PKey::from_ec_key(key).expect("a key");
        self.held.push(Held { id: id.clone(), user, rp_id: rp_id.clone(), counter: 0, key });
        Creation {
            client_data: self.client_data("webauthn.create", &asked["challenge"]),
            rp_id,
            flags: self.flags | flag::CREDENTIAL,
            counter: 0,
            id: base64(&id),
            raw_id: id.clone(),
            signed_id: id,
            x: x.to_vec_padded(32).expect("a coordinate has 32 bytes"),
            y: y.to_vec_padded(32).expect("a coordinate has 32 bytes"),
        }
    }

    /// Answers with the newest credential that these options allow.
    pub fn get(&mut self, options: &Value) -> Signing {
        let asked = &options["publicKey"];
        let rp_id = asked["rpId"].as_str().expect("the options name the site");
        let allowed: Vec<Vec<u8>> =
            asked["allowCredentials"].as_array().into_iter().flatten().map(|known| bytes(&known["id"])).collect();
        let client_data = self.client_data("webauthn.get", &asked["challenge"]);
        let counts = self.counts;
        let fits = |held: &&mut Held| held.rp_id == rp_id && (allowed.is_empty() || allowed.contains(&held.id));
        let held = self.held.iter_mut().rev().find(fits).expect("the authenticator has a credential for this");
        held.counter += u32::from(counts);
        Signing {
            client_data,
            rp_id: held.rp_id.clone(),
            flags: self.flags,
            counter: held.counter,
            id: base64(&held.id),
            raw_id: held.id.clone(),
            user: Some(held.user.clone()),
            key: held.key.clone(),
        }
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> Value {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
    }
}

/// A credential about to be described.
#[derive(Clone)]
pub struct Creation {
    /// What the browser says.
    pub client_data: Value,
    /// The site it says to be for.
    pub rp_id: String,
    /// The flags.
    pub flags: u8,
    /// The counter.
    pub counter: u32,
    /// The id as text.
    pub id: String,
    /// The id as bytes.
    pub raw_id: Vec<u8>,
    /// The id in what the authenticator describes.
    pub signed_id: Vec<u8>,
    x: Vec<u8>,
    y: Vec<u8>,
}

impl Creation {
    /// The attestation object (§6.5.4), with no attestation.
    pub fn object(&self) -> Vec<u8> {
        let mut data = authenticator_data(&self.rp_id, self.flags, self.counter);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.signed_id.len()).expect("ids are short").to_be_bytes());
        data.extend(&self.signed_id);
        // COSE: EC2, ES256, P-256, x, y.
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&self.x);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&self.y);
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(u8::try_from(data.len()).expect("short enough for one byte of length"));
        object.extend(data);
        object
    }

    /// What the page sends.
    pub fn answer(&self) -> String {
        self.answer_with(&self.object())
    }

    /// The same with another attestation object.
    pub fn answer_with(&self, object: &[u8]) -> String {
        json!({
            "id": self.id,
            "rawId": base64(&self.raw_id),
            "type": "public-key",
            "response": { "clientDataJSON": base64(self.client_data.to_string().as_bytes()), "attestationObject": base64(object) },
        })
        .to_string()
    }
}

/// An assertion about to be signed.
#[derive(Clone)]
pub struct Signing {
    /// What the browser says.
    pub client_data: Value,
    /// The site it says to be for.
    pub rp_id: String,
    /// The flags.
    pub flags: u8,
    /// The counter.
    pub counter: u32,
    /// The id as text.
    pub id: String,
    /// The id as bytes.
    pub raw_id: Vec<u8>,
    /// The user handle.
    pub user: Option<Vec<u8>>,
    key: PKey<Private>,
}

impl Signing {
    /// The authenticator data.
    pub fn data(&self) -> Vec<u8> {
        authenticator_data(&self.rp_id, self.flags, self.counter)
    }

    /// What the page sends, properly signed.
    pub fn answer(&self) -> String {
        self.answer_with(&self.data())
    }

    /// The same over other authenticator data.
    pub fn answer_with(&self, data: &[u8]) -> String {
        let client_data = self.client_data.to_string();
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key).expect("OpenSSL signs");
        let signature = signer.sign_oneshot_to_vec(&[data, &sha256(client_data.as_bytes())].concat());
        json!({
            "id": self.id,
            "rawId": base64(&self.raw_id),
            "type": "public-key",
            "response": {
                "clientDataJSON": base64(client_data.as_bytes()),
                "authenticatorData": base64(data),
                "signature": base64(&signature.expect("OpenSSL signs")),
                "userHandle": self.user.as_ref().map(|user| base64(user)),
            },
        })
        .to_string()
    }
}

fn authenticator_data(rp_id: &str, flags: u8, counter: u32) -> Vec<u8> {
    let mut data = sha256(rp_id.as_bytes()).to_vec();
    data.push(flags);
    data.extend(counter.to_be_bytes());
    data
}

fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap_or_default()).expect("options are base64url")
}

impl Member {
    /// An authenticator before which this member's browser stands.
    pub fn authenticator(&self) -> Authenticator {
        Authenticator::new(self.browser.app().issuer())
    }

    /// What the script of the page asks for the form that goes to `action`: the options, and the form to answer with.
    pub async fn passkey_question(&mut self, page: &Page, action: &str) -> (Value, Form) {
        let form = page.form(action);
        let place = page.attribute(&format!("form[action='{action}']"), "data-options").expect("the form says where");
        let asking = Form { action: place, ..form.clone() };
        let reply = self.browser.press(&asking).await.expect(200);
        (reply.json(), form)
    }

    /// Adds a passkey by the page, and notes the recovery codes that come with the first one; the page of passkeys.
    pub async fn add_passkey(&mut self, authenticator: &mut Authenticator) -> Page {
        let page = self.browser.get("/profile/passkeys").await;
        let (options, form) = self.passkey_question(&page, "/profile/passkeys").await;
        let answer = authenticator.create(&options).answer();
        let page = self.browser.submit(form.with("answer", &answer)).await;
        if page.place() != "/profile/security/recovery-codes" {
            return page;
        }
        self.recovery_codes = page.texts(".codes code");
        self.browser.get("/profile/passkeys").await
    }

    /// Signs in by passkey at the page that is shown.
    pub async fn sign_in_by_passkey_at(&mut self, page: &Page, authenticator: &mut Authenticator) -> Page {
        let (options, form) = self.passkey_question(page, "/login/passkey").await;
        let answer = authenticator.get(&options).answer();
        self.browser.submit(form.with("answer", &answer)).await
    }

    /// Signs in by passkey where nobody is signed in.
    pub async fn sign_in_by_passkey(&mut self, authenticator: &mut Authenticator) -> Page {
        let page = self.browser.get("/login").await;
        self.sign_in_by_passkey_at(&page, authenticator).await
    }
}
