//! Where settings come from: the embedded defaults, then the operator's file, then `IDP__SECTION__KEY` variables.
//!
//! Every setting stands in the defaults, so they also tell which names exist and of what kind a variable's text is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use figment::error::Kind;
use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};

use super::Config;

/// `config/default.toml`: every setting with its meaning and its default.
pub const DEFAULTS: &str = include_str!("../../../../config/default.toml");

const PREFIX: &str = "IDP__";

/// The configuration cannot be read. The message names the setting and the file or variable it stands in.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be opened.
    #[error("{} cannot be read ({why}); name a readable file, or leave --config out", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        why: std::io::ErrorKind,
    },
    /// The file is not TOML.
    #[error("{}, line {line}: {why}", .file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The parser's words, without the line itself, which may hold a password.
        why: String,
    },
    /// There is no such setting.
    #[error("{place}: there is no setting {setting}; {known}")]
    Unknown {
        /// The file or variable.
        place: String,
        /// The name found there.
        setting: String,
        /// The names that would have been right.
        known: String,
    },
    /// A value is of the wrong kind.
    #[error("{place}: {setting}: {why}")]
    BadValue {
        /// The file or variable.
        place: String,
        /// The setting.
        setting: String,
        /// What is wrong with the value.
        why: String,
    },
}

/// Reads the layers; `variables` is the environment, of which only `IDP__…` is looked at.
pub(super) fn load(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Config, ConfigError> {
    let known = Figment::from(Toml::string(DEFAULTS));
    let mut layers = known.clone();
    if let Some(file) = file {
        layers = layers.merge(read_file(file, &known)?);
    }
    for (name, text) in variables {
        if let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) {
            layers = layers.merge(read_variable(name, text, &known)?);
        }
    }
    layers.extract().map_err(|error| {
        let place = error.metadata.as_ref().map_or_else(|| "configuration".to_owned(), |layer| layer.name.to_string());
        ConfigError::BadValue { place, setting: error.path.join("."), why: in_words(&error.kind) }
    })
}

/// What is wrong with a value, for somebody who does not read Rust.
fn in_words(kind: &Kind) -> String {
    match kind {
        Kind::InvalidType(found, wanted) | Kind::InvalidValue(found, wanted) => {
            let wanted = match wanted.as_str() {
                "u16" | "u32" | "u64" | "usize" => "a whole number from 0 upwards",
                other if other.starts_with("struct ") => "a section of settings",
                other => other,
            };
            format!("found {found}, expected {wanted}")
        }
        Kind::UnknownVariant(found, known) => format!("“{found}” is not one of {}", known.join(", ")),
        other => other.to_string(),
    }
}

/// One layer above the defaults, with the place it came from for messages.
struct Layer {
    place: String,
    settings: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.place.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.settings.clone()))
    }
}

fn read_file(file: &Path, known: &Figment) -> Result<Layer, ConfigError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| ConfigError::Unreadable { file: file.to_owned(), why: error.kind() })?;
    let settings: Dict = toml::from_str(&text).map_err(|error| {
        let place = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..place].iter().filter(|byte| **byte == b'\n').count() + 1;
        ConfigError::Syntax { file: file.to_owned(), line, why: error.message().to_owned() }
    })?;
    let place = file.display().to_string();
    for (section, value) in &settings {
        let keys = value.as_dict().into_iter().flat_map(Dict::keys);
        for setting in std::iter::once(section.clone()).chain(keys.map(|key| format!("{section}.{key}"))) {
            if known.find_value(&setting).is_err() {
                return Err(unknown(&place, setting, known));
            }
        }
    }
    Ok(Layer { place, settings })
}

fn read_variable(name: &str, text: OsString, known: &Figment) -> Result<Layer, ConfigError> {
    let place = format!("variable {name}");
    let setting = name[PREFIX.len()..].to_lowercase().replace("__", ".");
    let bad =
        |setting: &str, why: String| ConfigError::BadValue { place: place.clone(), setting: setting.to_owned(), why };
    let text = text.into_string().map_err(|_| bad(&setting, "the value is not UTF-8".to_owned()))?;
    // IDP__DATABASE__URL_FILE=/run/secrets/db: the value lies in a file, as container platforms hand out secrets.
    let in_file = setting.strip_suffix("_file").filter(|_| known.find_value(&setting).is_err());
    let (setting, text) = match in_file {
        None => (setting.as_str(), text),
        Some(setting) => match std::fs::read_to_string(&text) {
            Ok(content) => (setting, content.trim().to_owned()),
            Err(error) => return Err(bad(setting, format!("{text} cannot be read ({})", error.kind()))),
        },
    };
    let (Some((section, key)), Ok(default)) = (setting.split_once('.'), known.find_value(setting)) else {
        return Err(unknown(&place, setting.to_owned(), known));
    };
    let keys = Dict::from([(key.to_owned(), typed_as(&default, &text))]);
    Ok(Layer { settings: Dict::from([(section.to_owned(), Value::from(keys))]), place })
}

/// Text where the default is text (also `1203`), a list where it is a list, else what the text looks like.
fn typed_as(default: &Value, text: &str) -> Value {
    let looks_like = |text: &str| text.trim().parse::<Value>().unwrap_or_else(|never| match never {});
    match default {
        Value::String(..) => Value::from(text),
        Value::Array(_, items) if !text.trim_start().starts_with('[') => {
            let numbers = matches!(items.first(), Some(Value::Num(..)));
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Value::from(
                parts.map(|part| if numbers { looks_like(part) } else { Value::from(part) }).collect::<Vec<_>>(),
            )
        }
        _ => looks_like(text),
    }
}

fn unknown(place: &str, setting: String, known: &Figment) -> ConfigError {
    let names = |value: Value| value.into_dict().unwrap_or_default().into_keys().collect::<Vec<_>>().join(", ");
    let section = setting.split('.').next().unwrap_or_default();
    let known = match known.find_value(section) {
        Ok(value) if setting.contains('.') => format!("[{section}] has {}", names(value)),
        _ => format!("the sections are {}", known.data().map(sections).unwrap_or_default()),
    };
    ConfigError::Unknown { place: place.to_owned(), setting, known }
}

fn sections(data: Map<Profile, Dict>) -> String {
    data.into_values().flat_map(Dict::into_keys).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// `section.key` and the comment above it.
    fn documented() -> BTreeMap<String, String> {
        let (mut section, mut doc, mut found) = (String::new(), Vec::new(), BTreeMap::new());
        for line in DEFAULTS.lines() {
            if let Some(comment) = line.strip_prefix("# ") {
                doc.push(comment);
            } else if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']').to_owned();
            } else if let Some((key, _)) = line.split_once(" = ") {
                found.insert(format!("{section}.{key}"), doc.join(" "));
                doc.clear();
            } else {
                doc.clear();
            }
        }
        found
    }

    /// `section.field` and its doc comment in the section's own file.
    fn declared() -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for (section, source) in [
            ("server", include_str!("server.rs")),
            ("database", include_str!("database.rs")),
            ("short_lived", include_str!("short_lived.rs")),
            ("keys", include_str!("keys.rs")),
            ("sessions", include_str!("sessions.rs")),
            ("membership", include_str!("membership.rs")),
            ("passwords", include_str!("passwords.rs")),
            ("factors", include_str!("factors.rs")),
            ("tokens", include_str!("tokens.rs")),
            ("verification", include_str!("verification.rs")),
            ("thaid", include_str!("thaid.rs")),
            ("mail", include_str!("mail.rs")),
            ("contact", include_str!("contact.rs")),
            ("throttle", include_str!("throttle.rs")),
            ("clients", include_str!("clients.rs")),
            ("egress", include_str!("egress.rs")),
            ("log", include_str!("log.rs")),
        ] {
            let mut doc = Vec::new();
            for line in source.lines().map(str::trim) {
                if let Some(comment) = line.strip_prefix("/// ") {
                    doc.push(comment);
                } else if let Some((field, _)) =
                    line.strip_prefix("pub ").and_then(|rest| rest.split_once(": ")).filter(|_| !line.contains('('))
                {
                    found.insert(format!("{section}.{field}"), doc.join(" "));
                    doc.clear();
                } else if !line.starts_with("#[") {
                    doc.clear();
                }
            }
        }
        found
    }

    fn with(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        load(None, variables.iter().map(|(name, text)| (OsString::from(name), OsString::from(text))))
    }

    fn with_file(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("idp.toml");
        std::fs::write(&file, text).unwrap();
        load(Some(&file), []).map_err(|error| error.to_string().replace(&*folder.path().to_string_lossy(), "…"))
    }

    #[test]
    fn every_setting_has_one_meaning_one_field_and_one_default() {
        assert_eq!(declared(), documented());
        assert!(documented().values().all(|doc| doc.ends_with(['.', ';'])), "each meaning is a sentence");
        Config::defaults();
    }

    #[test]
    fn every_setting_has_its_variable() {
        for setting in documented().keys() {
            let default = Figment::from(Toml::string(DEFAULTS)).find_value(setting).unwrap();
            let text = match &default {
                Value::Array(_, items) => items.iter().filter_map(as_text).collect::<Vec<_>>().join(","),
                other => as_text(other).unwrap(),
            };
            let name = format!("{PREFIX}{}", setting.to_uppercase().replace('.', "__"));
            assert_eq!(with(&[(&name, &text)]).err(), None, "{name}={text}");
            let error = with(&[(&name, "\u{1}")]).err().map(|error| error.to_string());
            let any_text = matches!(default, Value::String(..) | Value::Array(..));
            assert!(
                any_text || error.is_some_and(|text| text.contains(&name) && text.contains(setting.as_str())),
                "{name}"
            );
        }
    }

    fn as_text(value: &Value) -> Option<String> {
        value
            .as_str()
            .map(str::to_owned)
            .or_else(|| Some(format!("{}", value.to_i128()?)))
            .or_else(|| Some(value.to_bool()?.to_string()))
    }

    #[test]
    fn a_variable_comes_before_the_file_and_the_file_before_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("idp.toml");
        std::fs::write(&file, "[sessions]\nabsolute_hours = 8\nidle_minutes = 20\n").unwrap();
        let config = load(Some(&file), [("IDP__SESSIONS__IDLE_MINUTES".into(), "10".into())]).unwrap();
        assert_eq!((config.sessions.absolute_hours, config.sessions.idle_minutes), (8, 10));
        assert_eq!(config.membership.temporary_days, 60);
    }

    #[test]
    fn text_stays_text_and_lists_are_lists() {
        let config = with(&[
            ("IDP__CONTACT__PHONE", "1203"),
            ("IDP__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            ("IDP__MEMBERSHIP__WARN_AT_DAYS", "7,2"),
            ("IDP__VERIFICATION__STAFF_DOMAINS", "[\"moc.go.th\", \"dit.go.th\"]"),
            ("IDP__CLIENTS__ALLOW_LOOPBACK_HTTP_REDIRECTS", "true"),
            ("IDP_TEST_PG_BIN", "not ours"),
        ])
        .unwrap();
        assert_eq!(config.contact.phone, "1203");
        assert_eq!(
            config.server.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["10.0.0.0/8", "::1/128"]
        );
        assert_eq!(config.membership.warn_at_days, [7, 2]);
        assert_eq!(config.verification.staff_domains, ["moc.go.th", "dit.go.th"]);
        assert!(config.clients.allow_loopback_http_redirects);
        assert_eq!(with(&[("IDP__SERVER__TRUSTED_PROXIES", "")]).unwrap().server.trusted_proxies, []);
    }

    #[test]
    fn a_value_may_lie_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        std::fs::write(&file, "postgres://idp:secret@db/idp\n").unwrap();
        let config = with(&[("IDP__DATABASE__URL_FILE", file.to_str().unwrap())]).unwrap();
        assert_eq!(config.database.url.expose(), "postgres://idp:secret@db/idp");
        assert_eq!(
            with(&[("IDP__DATABASE__URL_FILE", "/dev/null/nowhere")]).unwrap_err().to_string(),
            "variable IDP__DATABASE__URL_FILE: database.url: /dev/null/nowhere cannot be read (not a directory)"
        );
    }

    #[test]
    fn s142_an_unknown_setting_is_refused_with_the_names_that_exist() {
        assert_eq!(
            with_file("[sessions]\nidle = 3\n").unwrap_err(),
            "…/idp.toml: there is no setting sessions.idle; [sessions] has absolute_hours, idle_minutes"
        );
        assert!(
            with_file("[session]\nidle_minutes = 3\n")
                .unwrap_err()
                .contains("no setting session; the sections are clients, ")
        );
        assert!(with_file("demo = true\n").unwrap_err().contains("no setting demo"));
        for name in ["IDP__SESSIONS__IDLE", "IDP__SESSIONS", "IDP__", "IDP__DEMO", "IDP__SESSIONS__IDLE_FILE__X"] {
            let error = with(&[(name, "1")]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("variable {name}: there is no setting ")), "{error}");
        }
    }

    #[test]
    fn a_wrong_value_is_named_with_its_place() {
        for (text, message) in [
            (
                "[sessions]\nidle_minutes = \"x\"\n",
                "…/idp.toml: sessions.idle_minutes: found string \"x\", expected a whole number from 0 upwards",
            ),
            ("[server]\nlisten = \"x\"\n", "…/idp.toml: server.listen: invalid socket address syntax"),
            (
                "[server]\ntrusted_proxies = [\"x\"]\n",
                "…/idp.toml: server.trusted_proxies: “x” is not an address or network",
            ),
            ("[mail]\ntransport = \"pigeon\"\n", "…/idp.toml: mail.transport: “pigeon” is not one of smtp, file"),
            ("sessions = 3\n", "…/idp.toml: sessions: found signed int `3`, expected a section of settings"),
            ("[sessions]\nidle_minutes =\n", "…/idp.toml, line 2: invalid string\nexpected `\"`, `'`"),
        ] {
            assert_eq!(with_file(text).unwrap_err(), message);
        }
        assert_eq!(
            with(&[("IDP__SERVER__NODES", "-1")]).unwrap_err().to_string(),
            "variable IDP__SERVER__NODES: server.nodes: found signed int `-1`, expected a whole number from 0 upwards"
        );
        assert!(
            load(Some(Path::new("/nowhere.toml")), [])
                .unwrap_err()
                .to_string()
                .starts_with("/nowhere.toml cannot be read")
        );
    }
}
