//! Where a request came from, as far as it can be believed. What the audit log keeps is short and of plain characters, whatever a client sends.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::USER_AGENT;
use uuid::Uuid;

use crate::access::Origin;

const FORWARDED_FOR: &str = "x-forwarded-for";
const REQUEST_ID: &str = "x-request-id";
const LONGEST_USER_AGENT: usize = crate::limits::USER_AGENT;
const LONGEST_REQUEST_ID: usize = crate::limits::REQUEST_ID;

/// Reads the origin of a request. `peer` is the other end of the connection.
pub(super) fn origin(headers: &HeaderMap, peer: Option<IpAddr>, behind_proxy: bool) -> Origin {
    let forwarded = behind_proxy.then(|| forwarded_for(headers)).flatten();
    Origin {
        ip_address: forwarded
            .or(peer)
            .map(|address| address.to_canonical().to_string()),
        user_agent: user_agent(headers),
        request_id: request_id(headers).unwrap_or_else(|| Uuid::new_v4().to_string()),
    }
}

/// The last address is the one our own proxy added; those before it are the client's word.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(FORWARDED_FOR).into_iter().next_back()?;
    address(last.to_str().ok()?.rsplit(',').next()?.trim())
}

/// Some proxies write the port as well, and then an IPv6 address in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    bare.unwrap_or(text).parse().ok().or_else(with_port)
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(LONGEST_USER_AGENT).collect())
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_good = !text.is_empty() && text.len() <= LONGEST_REQUEST_ID && text.bytes().all(is_plain);
    is_good.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use http::{HeaderMap, HeaderValue};

    use super::origin;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn the_forwarded_address_counts_only_behind_a_proxy_and_only_the_one_it_added() {
        let peer: Option<IpAddr> = Some("10.0.0.1".parse().unwrap());
        let sent = headers(&[
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-for", "198.51.100.1, 192.0.2.7"),
        ]);
        let ip = |headers, behind| origin(headers, peer, behind).ip_address;
        assert_eq!(ip(&sent, false).as_deref(), Some("10.0.0.1"));
        assert_eq!(ip(&sent, true).as_deref(), Some("192.0.2.7"));
        for (written, address) in [
            ("192.0.2.7:443", "192.0.2.7"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
        ] {
            let sent = headers(&[("x-forwarded-for", written)]);
            assert_eq!(origin(&sent, peer, true).ip_address.as_deref(), Some(address));
        }
        let nonsense = headers(&[("x-forwarded-for", "192.0.2.7, unknown")]);
        assert_eq!(ip(&nonsense, true).as_deref(), Some("10.0.0.1"));
    }

    #[test]
    fn an_ipv4_address_in_ipv6_clothes_is_written_as_ipv4() {
        let peer = Some("::ffff:192.0.2.1".parse().unwrap());
        let origin = origin(&HeaderMap::new(), peer, false);
        assert_eq!(origin.ip_address.as_deref(), Some("192.0.2.1"));
    }

    #[test]
    fn a_request_id_is_taken_over_if_plain_and_made_otherwise() {
        let id = |text: &str| origin(&headers(&[("x-request-id", text)]), None, false).request_id;
        assert_eq!(id("a-b_c.9"), "a-b_c.9");
        for odd in ["", "a b", "a\tb", "\"a\"", &"a".repeat(65)] {
            assert_ne!(id(odd), odd);
            assert_eq!(id(odd).len(), 36);
        }
    }

    #[test]
    fn a_long_user_agent_is_cut() {
        let sent = headers(&[("user-agent", &"x".repeat(5_000))]);
        let origin = origin(&sent, None, false);
        assert_eq!(origin.user_agent.map(|text| text.len()), Some(256));
    }
}
