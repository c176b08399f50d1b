//! The partners of the settings, as places that can be called.

use std::collections::BTreeMap;

use crate::incident::{Notice, Trouble};
use crate::partner::{Endpoint, Token};
use crate::settings::{Environment, PartnerPlace};

/// Where a partner lives, with the secret that its door asks for.
///
/// # Errors
/// The secret cannot be fetched.
pub(super) async fn endpoint(
    place: &PartnerPlace,
    environment: &Environment,
) -> Result<Endpoint, Notice> {
    match place {
        PartnerPlace::Command { argv, pass } => {
            let value = |name: &String| {
                let value = environment.variable(name)?.to_str()?;
                Some((name.clone(), value.to_owned()))
            };
            let env: BTreeMap<String, String> = pass.iter().filter_map(value).collect();
            Ok(Endpoint::Command { argv: argv.clone(), env })
        }
        PartnerPlace::Url { url, token: None } => {
            Ok(Endpoint::Http { url: url.clone(), token: None })
        }
        PartnerPlace::Url { url, token: Some(place) } => {
            let secret = place.fetch(environment).await?;
            let token = Token::new(secret.reveal()).ok_or_else(|| {
                Notice::new(
                    Trouble::NotAllowed,
                    format!("the secret in {place} is no bearer token"),
                )
                .hint("it must be one word of printable ASCII characters")
            })?;
            Ok(Endpoint::Http { url: url.clone(), token: Some(token) })
        }
    }
}
