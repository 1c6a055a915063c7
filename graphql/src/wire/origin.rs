//! Which web pages may speak for their visitor.
//!
//! A browser sends cookies along, and opens sockets, whoever wrote the page; the `Origin` header is the only thing such a page cannot forge.
//! Programs that are no browsers send none and have no cookies to abuse.

use http::{
    HeaderMap,
    header::{COOKIE, ORIGIN},
};

/// Whether a socket may be opened from where this request comes.
pub fn may_open_socket(headers: &HeaderMap, allowed: &[String]) -> bool {
    headers.get_all(ORIGIN).iter().all(|origin| {
        allowed
            .iter()
            .any(|allowed| origin.as_bytes() == allowed.as_bytes())
    })
}

/// Whether the cookies of this request, if it has any, may be believed.
pub fn may_send_cookies(headers: &HeaderMap, allowed: &[String]) -> bool {
    !headers.contains_key(COOKIE) || may_open_socket(headers, allowed)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn from(origin: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))])
    }

    #[test]
    fn only_the_very_same_origin_is_ours() {
        let allowed = ["https://muster.example".to_owned()];
        assert!(may_open_socket(&from("https://muster.example"), &allowed));
        for foreign in [
            "https://badmuster.example",
            "http://muster.example",
            "https://muster.example:444",
            "null",
            "",
        ] {
            assert!(!may_open_socket(&from(foreign), &allowed), "{foreign}");
        }
        assert!(may_open_socket(&HeaderMap::new(), &allowed));
    }

    #[test]
    fn a_foreign_page_may_speak_for_itself_but_not_with_cookies() {
        let mut headers = from("https://evil.example");
        assert!(may_send_cookies(&headers, &[]));
        headers.insert(COOKIE, HeaderValue::from_static("session=1"));
        assert!(!may_send_cookies(&headers, &[]));
    }
}
