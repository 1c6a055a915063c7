//! Secrets made up or met on the way, and where they must not turn up.

use std::collections::BTreeMap;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use url::Url;

use crate::sso_sign_in::browser::Browser;
use crate::sso_sign_in::provider::CLIENT_ID;

/// Secrets that were sent somewhere, each under a name that a failing test may print.
#[derive(Default)]
pub struct Canaries(BTreeMap<String, String>);

impl Canaries {
    pub fn keep(&mut self, name: &str, secret: &str) -> String {
        assert!(secret.len() >= 16, "{name} is too short to be looked for");
        self.0.insert(name.to_owned(), secret.to_owned());
        secret.to_owned()
    }

    /// Makes one up.
    pub fn coin(&mut self, name: &str) -> String {
        self.keep(name, &format!("canary-{}", uuid::Uuid::new_v4().simple()))
    }

    /// All parameters of an address, but for those anybody may know.
    pub fn keep_address(&mut self, name: &str, address: &str, secret: &[&str]) {
        let url: Url = address.parse().unwrap();
        let pairs: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        for parameter in secret {
            self.keep(&format!("{name} {parameter}"), &pairs[*parameter]);
        }
    }

    pub fn keep_cookies(&mut self, name: &str, browser: &Browser) {
        for (cookie, value) in browser.cookies() {
            self.keep(&format!("{name} {cookie}"), value);
        }
    }

    /// Looks for every secret as it is and in the ways it may be written down: escaped, in hexadecimal, and as basic authentication sends it.
    pub fn assert_absent(&self, place: &str, text: &str) {
        for (name, secret) in &self.0 {
            let escaped: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            let hexadecimal = secret.bytes().fold(String::new(), |mut digits, byte| {
                write!(digits, "{byte:02x}").unwrap();
                digits
            });
            let basic = STANDARD_NO_PAD.encode(format!("{CLIENT_ID}:{secret}"));
            for form in [
                secret,
                &escaped,
                &secret.escape_debug().to_string(),
                &hexadecimal,
                &basic,
            ] {
                let line = text.lines().find(|line| line.contains(form.as_str()));
                assert_eq!(line, None, "{name} is told in {place}");
            }
        }
    }
}
