//! What signing in must know of where it is served.

use url::Url;

/// Where browsers reach us and whom we believe.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// The address people type. It names us in tokens, and its scheme decides which cookie can be used.
    pub public_url: Url,
    /// Origins beside our own whose pages may use the cookie, written as browsers send them: `https://console.example.com`.
    pub allowed_origins: Vec<String>,
    /// One proxy of ours stands in front and appends the client's address to `X-Forwarded-For`. Without it that header is anybody's claim.
    pub behind_proxy: bool,
}

impl SessionSettings {
    /// The issuer of our tokens.
    pub fn issuer(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }

    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// Our own origin and the allowed ones. Of a page on this machine both names: `localhost` and `127.0.0.1` of one port are the same page.
    pub fn origins(&self) -> Vec<String> {
        let own = self.public_url.origin().ascii_serialization();
        let named = std::iter::once(own).chain(self.allowed_origins.iter().cloned());
        named
            .flat_map(|origin| {
                let twin = twin(&origin);
                std::iter::once(origin).chain(twin)
            })
            .collect()
    }

    /// Whether a page of this origin may act for the person at the browser. Whole origins are compared, never endings of names.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.origins().iter().any(|allowed| allowed == origin)
    }
}

/// The same origin under the other name of this machine.
fn twin(origin: &str) -> Option<String> {
    let url: Url = origin.parse().ok().filter(|url: &Url| url.scheme() == "http")?;
    let other = match url.host_str()? {
        "localhost" => "127.0.0.1",
        "127.0.0.1" => "localhost",
        _ => return None,
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("http://{other}{port}"))
}

#[cfg(test)]
mod tests {
    use super::SessionSettings;

    #[test]
    fn only_whole_origins_are_allowed() {
        let settings = SessionSettings {
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

    #[test]
    fn the_two_names_of_this_machine_are_one_origin_port_by_port() {
        let settings = SessionSettings {
            public_url: "http://127.0.0.1:8080/".parse().unwrap(),
            allowed_origins: vec!["http://localhost:5173".into()],
            behind_proxy: false,
        };
        for origin in [
            "http://127.0.0.1:8080",
            "http://localhost:8080",
            "http://localhost:5173",
            "http://127.0.0.1:5173",
        ] {
            assert!(settings.allows_origin(origin), "{origin}");
        }
        for origin in [
            "http://localhost",
            "http://localhost:8081",
            "https://localhost:8080",
            "http://127.0.0.2:8080",
        ] {
            assert!(!settings.allows_origin(origin), "{origin}");
        }
    }
}
