//! Secrets: named in the settings by where they are kept, and never printed.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::{Environment, fetch};
use crate::incident::{Notice, Trouble};

/// Where a secret is kept; what the settings hold instead of the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPlace {
    /// In a variable: `env:NAME`.
    Variable(String),
    /// In a file that nobody else can read: `file:/path`.
    File(PathBuf),
    /// In the keyring of the system, under a service and a name: `keyring:service/name`.
    Keyring(String, String),
    /// On the standard output of a program: `cmd:["pass", "show", "name"]`.
    Program(Vec<String>),
}

/// Why a text does not say where a secret is kept; it never repeats the text, which may be the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a secret is named by where it is kept: env:NAME, file:/path, keyring:service/name, or \
     cmd:[\"program\", \"argument\"]"
)]
pub struct NotAPlace;

/// A secret; never printed.
#[derive(Clone)]
pub struct Secret {
    text: String,
    /// Where it was fetched from, if it was.
    kept: Option<Arc<(SecretPlace, Environment)>>,
}

impl Secret {
    /// Keeps a secret that came from somewhere else.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), kept: None }
    }

    /// The secret, to be sent where it belongs.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What is kept now where it was fetched from; `None` if it was not fetched, or is the same.
    ///
    /// # Errors
    /// As of [`SecretPlace::fetch`].
    pub async fn again(&self) -> Result<Option<Self>, Notice> {
        let Some(kept) = &self.kept else { return Ok(None) };
        let (place, environment) = &**kept;
        let secret = place.fetch(environment).await?;
        Ok((secret != *self).then_some(secret))
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl FromStr for SecretPlace {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let (kind, rest) = text.split_once(':').ok_or(NotAPlace)?;
        match kind {
            "env" if !rest.is_empty() && !rest.contains(['=', '\0']) => {
                Ok(Self::Variable(rest.to_owned()))
            }
            "keyring" => match rest.split_once('/') {
                Some((service, name)) if is_plain(service) && is_plain(name) => {
                    Ok(Self::Keyring(service.to_owned(), name.to_owned()))
                }
                _ => Err(NotAPlace),
            },
            "file" if Path::new(rest).is_absolute() => Ok(Self::File(rest.into())),
            "cmd" => {
                let argv: Vec<String> = serde_json::from_str(rest).map_err(|_| NotAPlace)?;
                if argv.is_empty() { Err(NotAPlace) } else { Ok(Self::Program(argv)) }
            }
            _ => Err(NotAPlace),
        }
    }
}

impl<'de> Deserialize<'de> for SecretPlace {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `String`: its message about a number would repeat the number.
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => text.parse().map_err(serde::de::Error::custom),
            _ => Err(serde::de::Error::custom(NotAPlace)),
        }
    }
}

impl JsonSchema for SecretPlace {
    fn schema_name() -> Cow<'static, str> {
        "SecretPlace".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(env:[^=]+|file:/.+|keyring:[^/]+/.+|cmd:\\[.+\\])$",
            "description": "Where a secret is kept: env:NAME, file:/path, keyring:service/name, or cmd:[\"program\", \"argument\"].",
        })
    }
}

impl SecretPlace {
    /// Fetches the secret.
    ///
    /// # Errors
    /// It is not there, others can read it, or the program does not tell it within ten seconds.
    pub async fn fetch(&self, environment: &Environment) -> Result<Secret, Notice> {
        let text = match self {
            Self::Variable(name) => fetch::of_variable(name, environment)?,
            Self::File(path) => fetch::of_file(path)?,
            Self::Keyring(service, name) => fetch::of_program(&fetch::keyring(service, name))
                .await
                .map_err(|notice| fetch::locked(notice, service, name))?,
            Self::Program(argv) => fetch::of_program(argv).await?,
        };
        let secret = text.trim();
        if secret.is_empty() {
            let what = format!("the secret in {self} is empty");
            return Err(Notice::new(Trouble::NotAllowed, what).hint("put the secret there"));
        }
        let kept = Some(Arc::new((self.clone(), environment.clone())));
        Ok(Secret { text: secret.to_owned(), kept })
    }
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "env:{}", name.escape_debug()),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Keyring(service, name) => write!(f, "keyring:{service}/{name}"),
            // Arguments may say more than they should.
            Self::Program(argv) => {
                write!(f, "cmd:[{:?}, …]", argv.first().map_or("", String::as_str))
            }
        }
    }
}

/// Whether a word can be an argument of the keyring's own program, and be shown as it is.
fn is_plain(word: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._@+-/ ".contains(c);
    !word.is_empty() && !word.starts_with('-') && word.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_text_and_a_literal_is_no_place() {
        assert_eq!("env:TOKEN".parse(), Ok(SecretPlace::Variable("TOKEN".into())));
        assert_eq!("file:/run/t".parse(), Ok(SecretPlace::File("/run/t".into())));
        let argv = vec!["pass".to_owned(), "show".to_owned()];
        assert_eq!(r#"cmd:["pass","show"]"#.parse(), Ok(SecretPlace::Program(argv)));
        let kept = SecretPlace::Keyring("wheelhouse".to_owned(), "github".to_owned());
        assert_eq!("keyring:wheelhouse/github".parse(), Ok(kept.clone()));
        assert_eq!(kept.to_string(), "keyring:wheelhouse/github");
        for text in [
            "s3cret",
            "env:",
            "file:relative",
            "cmd:[]",
            "cmd:pass",
            "ghp:x",
            "keyring:alone",
            "keyring:/name",
            "keyring:-s/name",
        ] {
            assert_eq!(text.parse::<SecretPlace>(), Err(NotAPlace), "{text}");
        }
    }

    #[tokio::test]
    async fn a_secret_is_fetched_trimmed_and_never_printed() {
        let environment = Environment::of([("TOKEN", " s3cret\n")]);
        let secret = SecretPlace::Variable("TOKEN".into()).fetch(&environment).await.unwrap();
        assert_eq!(secret.reveal(), "s3cret");
        assert!(!format!("{secret:?}").contains("s3cret"));
        let missing = SecretPlace::Variable("NONE".into()).fetch(&environment).await;
        assert_eq!(missing.unwrap_err().trouble, Trouble::NotAllowed);
    }
}
