//! How a connector shows who it is.

use std::fmt;

use reqwest::RequestBuilder;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

use crate::incident::Notice;
use crate::settings::{Secret, Unsaid};
use crate::trackers::TrackerError;

/// A secret, and the way in which a tracker wants to see it.
#[derive(Clone)]
pub(crate) enum Auth {
    /// `Authorization: Bearer …`
    Bearer(Secret),
    /// `Authorization: Token token=…`
    Token(Secret),
    /// `Authorization: Basic …`
    Basic {
        /// The name of the account.
        user: String,
        /// Its password or token.
        secret: Secret,
    },
    /// A header of its own.
    Header {
        /// The name of the header.
        name: HeaderName,
        /// What stands in it.
        secret: Secret,
    },
}

impl Auth {
    /// Adds it to a request, marked so that nothing prints it.
    pub(super) fn show(&self, request: RequestBuilder) -> Result<RequestBuilder, TrackerError> {
        Ok(match self {
            Self::Basic { user, secret } => request.basic_auth(user, Some(secret.reveal())),
            Self::Bearer(secret) => {
                request.header(AUTHORIZATION, hidden(&format!("Bearer {}", secret.reveal()))?)
            }
            Self::Token(secret) => {
                request.header(AUTHORIZATION, hidden(&format!("Token token={}", secret.reveal()))?)
            }
            Self::Header { name, secret } => request.header(name, hidden(secret.reveal())?),
        })
    }

    /// What nobody may be told, should somebody echo a request that shows it.
    pub(super) fn unsaid(&self, request: RequestBuilder) -> Unsaid {
        let mut secrets = vec![self.secret().reveal().to_owned()];
        if let Self::Basic { .. } = self
            && let Ok(request) = self.show(request)
            && let Ok(request) = request.build()
        {
            let hidden = request.headers().values().filter(|value| value.is_sensitive());
            let words = hidden.filter_map(|value| value.to_str().ok()?.split_once(' '));
            for (_, word) in words {
                // Whoever takes it apart and writes it again may leave out its end, or write it for an address.
                let word = word.trim_end_matches('=');
                secrets.extend([word.to_owned(), word.replace('+', "-").replace('/', "_")]);
            }
        }
        Unsaid::of(secrets)
    }

    /// The same way with the secret that is kept now where this one was; `None` if there is no other.
    pub(super) async fn again(&self) -> Result<Option<Self>, Notice> {
        let Some(secret) = self.secret().again().await? else { return Ok(None) };
        Ok(Some(match self {
            Self::Bearer(_) => Self::Bearer(secret),
            Self::Token(_) => Self::Token(secret),
            Self::Basic { user, .. } => Self::Basic { user: user.clone(), secret },
            Self::Header { name, .. } => Self::Header { name: name.clone(), secret },
        }))
    }

    fn secret(&self) -> &Secret {
        match self {
            Self::Bearer(secret)
            | Self::Token(secret)
            | Self::Basic { secret, .. }
            | Self::Header { secret, .. } => secret,
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth(…)")
    }
}

fn hidden(text: &str) -> Result<HeaderValue, TrackerError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        let why = "the secret cannot stand in a header: it must be one line of text".to_owned();
        TrackerError::Unauthorized { why }
    })?;
    value.set_sensitive(true);
    Ok(value)
}
