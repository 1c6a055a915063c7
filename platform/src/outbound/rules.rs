//! Which addresses we may be sent to, judged by their text alone, before any packet.

use url::{Host, Url};

/// Ports above the reserved ones, beside the one of https: providers in a company's own house like 8443, and nobody's mail or name server is there.
const FIRST_FREE_PORT: u16 = 1024;

/// Why an address is not one we talk to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forbidden {
    NotHttps,
    UserInfo,
    /// Not a plain name in the public DNS.
    Host,
    Port,
    /// The name leads, at least among other places, to where only we should be.
    Address,
}

impl Forbidden {
    /// For people; says what to mend.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotHttps => "The address must begin with https://.",
            Self::UserInfo => "The address must not contain a user name or password.",
            Self::Host => {
                "The host must be a name in the public DNS: no IP address, no number, no name of one word, no international letters, no dot at its end."
            }
            Self::Port => "The port must be 443, or above 1023.",
            Self::Address => "The host's name leads to an address outside the public internet.",
        }
    }
}

/// Judges an address somebody gave us. Numbers in every notation (`127.1`, `0x7f.1`, `2130706433`) have become IP addresses in an [`Url`] already.
pub(super) fn judge(url: &Url) -> Result<(), Forbidden> {
    if url.scheme() != "https" {
        return Err(Forbidden::NotHttps);
    }
    no_user_info(url)?;
    match url.host() {
        Some(Host::Domain(name)) if is_plain(name) => {}
        _ => return Err(Forbidden::Host),
    }
    match url.port() {
        None => Ok(()),
        Some(port) if port >= FIRST_FREE_PORT => Ok(()),
        Some(_) => Err(Forbidden::Port),
    }
}

/// As [`judge`], for trying things out on one's own machine.
pub(super) fn judge_in_development(url: &Url) -> Result<(), Forbidden> {
    if !matches!(url.scheme(), "https" | "http") {
        return Err(Forbidden::NotHttps);
    }
    no_user_info(url)?;
    url.host().map(|_| ()).ok_or(Forbidden::Host)
}

fn no_user_info(url: &Url) -> Result<(), Forbidden> {
    match url.username().is_empty() && url.password().is_none() {
        true => Ok(()),
        false => Err(Forbidden::UserInfo),
    }
}

fn is_plain(name: &str) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    labels.len() > 1
        && labels.last() != Some(&"localhost")
        && labels.iter().all(|label| {
            let letters = label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            !label.is_empty() && letters && !label.starts_with("xn--")
        })
}

#[cfg(test)]
mod tests {
    use super::{Forbidden, judge, judge_in_development};

    fn judged(text: &str) -> Result<(), Forbidden> {
        judge(&text.parse().unwrap())
    }

    #[test]
    fn a_name_in_the_public_dns_over_https_is_allowed() {
        for text in [
            "https://login.acme.example",
            "https://login.acme.example/realms/a?b=c",
            "https://login.acme.example:443/",
            "https://login.acme.example:8443/realms/staff",
        ] {
            assert_eq!(judged(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn every_other_way_to_write_a_place_is_not() {
        for (text, forbidden) in [
            ("http://login.acme.example", Forbidden::NotHttps),
            ("ftp://login.acme.example", Forbidden::NotHttps),
            ("file:///etc/passwd", Forbidden::NotHttps),
            ("https://me@login.acme.example", Forbidden::UserInfo),
            ("https://:secret@login.acme.example", Forbidden::UserInfo),
            ("https://127.0.0.1", Forbidden::Host),
            ("https://127.1", Forbidden::Host),
            ("https://0", Forbidden::Host),
            ("https://2130706433", Forbidden::Host),
            ("https://0x7f000001", Forbidden::Host),
            ("https://0177.0.0.1", Forbidden::Host),
            ("https://0x7f.1", Forbidden::Host),
            ("https://１２７.０.０.１", Forbidden::Host),
            ("https://127。0。0。1", Forbidden::Host),
            ("https://10.0.0.1", Forbidden::Host),
            ("https://8.8.8.8", Forbidden::Host),
            ("https://169.254.169.254/latest/meta-data", Forbidden::Host),
            ("https://[::1]", Forbidden::Host),
            ("https://[::ffff:127.0.0.1]", Forbidden::Host),
            ("https://[fd00::1]", Forbidden::Host),
            ("https://127.0.0.1./", Forbidden::Host),
            ("https://localhost", Forbidden::Host),
            ("https://a.localhost", Forbidden::Host),
            ("https://intranet", Forbidden::Host),
            ("https://login.acme.example./", Forbidden::Host),
            ("https://xn--bcher-kva.example", Forbidden::Host),
            ("https://bücher.example", Forbidden::Host),
            ("https://login.acme.example:80", Forbidden::Port),
            ("https://login.acme.example:25", Forbidden::Port),
            ("https://login.acme.example:0", Forbidden::Port),
        ] {
            assert_eq!(judged(text), Err(forbidden), "{text}");
        }
    }

    #[test]
    fn in_development_one_may_talk_to_oneself_but_not_with_a_password() {
        for text in ["http://127.0.0.1:8080", "http://localhost", "https://[::1]:1"] {
            assert_eq!(judge_in_development(&text.parse().unwrap()), Ok(()), "{text}");
        }
        let url = "http://me@127.0.0.1".parse().unwrap();
        assert_eq!(judge_in_development(&url), Err(Forbidden::UserInfo));
        let url = "file:///etc/passwd".parse().unwrap();
        assert_eq!(judge_in_development(&url), Err(Forbidden::NotHttps));
    }
}
