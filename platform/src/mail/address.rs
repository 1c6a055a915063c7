//! Addresses as they travel: the domain as punycode, which every relay takes and every mail program shows in its own letters. What stands before the @ has no such
//! form; with letters beyond ASCII it needs a relay with SMTPUTF8 (RFC 6531).

use lettre::Address;

/// Reads one address, nothing around it.
pub(super) fn travelling(address: &str) -> Result<Address, String> {
    let (local, domain) = address.rsplit_once('@').ok_or("there is no @ in it")?;
    let address = match domain.is_ascii() {
        true => Address::new(local, domain),
        false => Address::new(
            local,
            idna::domain_to_ascii_strict(domain).map_err(|error| error.to_string())?,
        ),
    };
    address.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::travelling;

    #[test]
    fn domains_travel_as_punycode_and_the_rest_as_it_is() {
        for (address, travels) in [
            ("Ada@Example.com", "Ada@Example.com"),
            ("Ada@B\u{fc}cher.example", "Ada@xn--bcher-kva.example"),
            (
                "ada@\u{43f}\u{43e}\u{447}\u{442}\u{430}.\u{440}\u{444}",
                "ada@xn--80a1acny.xn--p1ai",
            ),
            ("j\u{fc}rgen@example.com", "j\u{fc}rgen@example.com"),
            (
                "j\u{fc}rgen@b\u{fc}cher.example",
                "j\u{fc}rgen@xn--bcher-kva.example",
            ),
        ] {
            assert_eq!(travelling(address).unwrap().to_string(), travels, "{address}");
        }
        for bad in [
            "",
            "ada",
            "ada@",
            "a@b@example.com",
            "a b@example.com",
            "Eve <eve@example.com>",
            "a@example.com, b@example.com",
            "a@b\u{2028}c.example",
        ] {
            assert!(travelling(bad).is_err(), "{bad:?}");
        }
    }
}
