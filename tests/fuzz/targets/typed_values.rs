//! What people type and clients send in single values: what was read reads the same again, in its own form.
#![no_main]

use idp_core::account::{Nickname, PictureName, Username, WebPage};
use idp_core::dpop::Thumbprint;
use idp_core::email::EmailAddress;
use idp_core::grant::{Challenge, UserCode, Verifier};
use idp_core::id::ClientId;
use idp_core::password::policy;
use idp_core::phone::PhoneNumber;
use idp_core::resource::{ResourceScope, ResourceUri};
use idp_core::scope::ScopeSet;
use idp_core::thai::{
    AcceptedNumbers, BuddhistDate, LatinName, NationalId, ThaiName, Title, ascii_digits, comparison_key,
};
use idp_core::token::ClaimsLocale;
use idp_fuzz::{is_plain, now};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(code) = UserCode::parse(text) {
        assert!(UserCode::parse(&code.shown()) == Some(code.clone()) && UserCode::parse(code.as_str()) == Some(code));
    }
    if let Ok(address) = EmailAddress::parse(text) {
        let again = EmailAddress::parse(address.as_str()).expect("an address");
        assert_eq!((again.as_str(), again.key()), (address.as_str(), address.key()));
        assert!(
            !address.as_str().contains(['\r', '\n', '\0', ' ', '<', '>']),
            "nothing that a mail could be steered by"
        );
        let whole = format!("{}@{}", address.local_part(), address.domain());
        assert!(whole.eq_ignore_ascii_case(address.as_str()), "{whole}");
    }
    if let Ok(phone) = PhoneNumber::parse(text) {
        assert_eq!(PhoneNumber::parse(phone.as_str()).expect("a number").as_str(), phone.as_str());
        assert_eq!(PhoneNumber::parse(&phone.shown()).expect("a number").as_str(), phone.as_str());
    }
    for accept in [AcceptedNumbers::Real, AcceptedNumbers::WithTestNumbers] {
        if let Ok(number) = NationalId::parse(text, accept) {
            assert!(number.digits().len() == 13 && number.digits().bytes().all(|b| b.is_ascii_digit()));
            assert_eq!(NationalId::parse(number.digits(), accept).expect("a number").digits(), number.digits());
            assert!(!number.masked().contains(number.digits()));
        }
    }
    if let Ok(name) = ThaiName::parse(text) {
        assert_eq!(ThaiName::parse(name.as_str()).expect("a name").key(), name.key());
    }
    if let Ok(name) = LatinName::parse(text) {
        assert_eq!(LatinName::parse(name.as_str()).expect("a name").key(), name.key());
    }
    if let Ok(title) = Title::parse(text) {
        assert_eq!(Title::parse(title.as_thai()).expect("a title").as_thai(), title.as_thai());
    }
    if let Ok(nickname) = Nickname::parse(text) {
        assert!(nickname.as_str().chars().count() <= 60 && !nickname.as_str().contains(char::is_control));
        assert!(Nickname::parse(nickname.as_str()) == Ok(nickname));
    }
    if let Ok(username) = Username::parse(text) {
        assert!(is_plain(username.as_str()) && !username.as_str().contains(['@', '/']));
        assert!(Username::parse(username.as_str()) == Ok(username));
    }
    if let Ok(page) = WebPage::parse(text) {
        let url = url::Url::parse(page.as_str()).expect("an address");
        assert!(url.scheme() == "https" && url.domain().is_some() && url.as_str() == page.as_str());
        assert!(is_plain(page.as_str()) && url.username().is_empty() && url.password().is_none());
        assert!(WebPage::parse(page.as_str()) == Ok(page));
    }
    if let Some(name) = PictureName::parse(text) {
        assert_eq!(name.to_string(), text);
    }
    let key = comparison_key(text);
    assert_eq!(comparison_key(&key), key, "folding is done once");
    assert_eq!(ascii_digits(&ascii_digits(text)), ascii_digits(text));
    let parts: Vec<&str> = text.splitn(3, '\n').collect();
    if let [day, month, year] = parts[..] {
        if let Ok(date) = BuddhistDate::parse(day, month, year, BuddhistDate::on(now())) {
            assert_eq!(BuddhistDate::from_registry_form(&date.registry_form()), Some(date));
            assert!(is_plain(&date.birthdate_claim()));
        }
    }
    if let Some(date) = BuddhistDate::from_registry_form(text) {
        assert_eq!(date.registry_form(), text);
        assert!(date.full_years_at(BuddhistDate::on(now())).is_none_or(|years| years < 1000));
    }
    if let Some(id) = ClientId::parse(text) {
        assert!(id.as_str() == text && is_plain(text));
    }
    let scopes = ScopeSet::parse(text);
    assert_eq!(ScopeSet::parse(&scopes.to_string()), scopes);
    if let Ok(resource) = ResourceUri::parse(text) {
        assert!(resource.as_str() == text && ResourceUri::stored(text) == Some(resource));
    }
    if let Ok(scope) = ResourceScope::parse(text) {
        assert!(scope.as_str() == text && is_plain(text) && !text.contains(' '));
    }
    if let Ok(challenge) = Challenge::parse(text, Some("S256")) {
        assert_eq!((challenge.as_str(), text.len()), (text, 43));
    }
    if let Some(thumbprint) = Thumbprint::parse(text) {
        assert_eq!((thumbprint.as_str(), text.len()), (text, 43));
    }
    if Verifier::parse(text).is_some() {
        assert!((43..=128).contains(&text.len()) && is_plain(text));
    }
    let _ = ClaimsLocale::choose(text);
    if let Ok(form) = policy::normal_form(text) {
        assert!(
            policy::normal_form(&form).is_ok_and(|again| *again == *form),
            "what is hashed is hashed the same again"
        );
    }
});
