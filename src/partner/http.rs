//! The one way this house opens an HTTP connection to an agent or to its telemetry.

use std::time::Duration;

use reqwest::Url;

use super::PartnerError;

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(5);

/// Whether an address lies on this machine, where no proxy belongs in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// A loopback address.
    Here,
    /// Anything else.
    Elsewhere,
}

impl Reach {
    /// Judges a URL by its host.
    pub fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let loopback = host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if loopback || host == "localhost" { Self::Here } else { Self::Elsewhere }
    }
}

/// Makes an HTTP client that follows no redirect and keeps no idle connection.
///
/// No redirect, because a bearer token must not travel to a host that nobody configured. No idle
/// connection, because reusing one whose last answer was not read to its end stalls for 40 ms.
pub fn http_client(reach: Reach) -> Result<reqwest::Client, PartnerError> {
    // The provider may stand already; which of several equal ones stands makes no difference.
    drop(rustls::crypto::ring::default_provider().install_default());
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .pool_max_idle_per_host(0);
    let builder = match reach {
        Reach::Here => builder.no_proxy(),
        Reach::Elsewhere => builder,
    };
    builder.build().map_err(|error| PartnerError::Misconfigured { what: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_told_from_the_rest_of_the_world() {
        let reach = |text: &str| Reach::of(&Url::parse(text).unwrap());
        assert_eq!(reach("http://127.0.0.1:9/mcp"), Reach::Here);
        assert_eq!(reach("http://[::1]:9/mcp"), Reach::Here);
        assert_eq!(reach("http://localhost/"), Reach::Here);
        assert_eq!(reach("http://localhost.example/"), Reach::Elsewhere);
        assert_eq!(reach("http://10.0.0.1/"), Reach::Elsewhere);
    }
}
