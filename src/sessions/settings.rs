//! What signing in must know of where it is served.

use url::Url;

/// Where browsers reach us and whom we believe.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address people type. It names us in tokens, and its scheme decides which cookie can be used.
    pub public_url: Url,
    /// Origins beside our own whose pages may use the cookie, written as browsers send them: `https://console.example.com`.
    pub allowed_origins: Vec<String>,
    /// One proxy of ours stands in front and appends the client's address to `X-Forwarded-For`. Without it that header is anybody's claim.
    pub behind_proxy: bool,
}

impl Settings {
    /// The issuer of our tokens.
    pub fn issuer(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }

    pub(super) fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// Whether a page of this origin may act for the person at the browser. Whole origins are compared, never endings of names.
    pub fn allows_origin(&self, origin: &str) -> bool {
        origin == self.public_url.origin().ascii_serialization()
            || self.allowed_origins.iter().any(|allowed| allowed == origin)
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn only_whole_origins_are_allowed() {
        let settings = Settings {
            public_url: "https://muster.example/app/".parse().unwrap(),
            allowed_origins: vec!["https://console.example".into()],
            behind_proxy: false,
        };
        assert_eq!(settings.issuer(), "https://muster.example/app");
        for origin in ["https://muster.example", "https://console.example"] {
            assert!(settings.allows_origin(origin), "{origin}");
        }
        for origin in [
            "null",
            "",
            "http://muster.example",
            "https://muster.example:8443",
            "https://evilmuster.example",
            "https://muster.example.evil.example",
            "https://console.example/",
        ] {
            assert!(!settings.allows_origin(origin), "{origin}");
        }
    }
}
