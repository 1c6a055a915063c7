use super::*;

#[test]
fn addresses_are_shown_as_typed_and_compared_in_lower_case() {
    let email = EmailAddress::parse("\u{a0} Ada.Lovelace+x@Example.COM\u{200b}\n").unwrap();
    assert_eq!(email.as_typed(), "Ada.Lovelace+x@Example.COM");
    assert_eq!(email.key(), "ada.lovelace+x@example.com");
    assert_eq!(email.domain(), "example.com");
    assert_eq!(email, EmailAddress::parse("ADA.lovelace+X@example.com").unwrap());
}

#[test]
fn internationalised_domains_are_one_with_their_punycode() {
    let unicode = EmailAddress::parse("a@BÜCHER.example").unwrap();
    assert_eq!(unicode.as_typed(), "a@BÜCHER.example");
    assert_eq!(unicode.domain(), "xn--bcher-kva.example");
    assert_eq!(unicode, EmailAddress::parse("A@xn--bcher-kva.example").unwrap());
    assert_eq!(unicode, EmailAddress::parse("a@bu\u{308}cher。example").unwrap());
}

#[test]
fn a_key_is_an_address_and_its_own_key() {
    for typed in [
        "É.x@example.com",
        "ΑΣ@example.com",
        "\u{212b}@example.com",
        "o'Brien@b.c",
    ] {
        let key = EmailAddress::parse(typed).unwrap().key().to_owned();
        assert_eq!(EmailAddress::parse(&key).unwrap().key(), key, "{typed}");
    }
}

#[test]
fn what_a_text_leaves_around_an_address_is_taken_off() {
    for glued in [
        "ann@corp.example”",
        "ann@corp.example。",
        "ann@corp.example)",
        "“ann@corp.example”",
        "„ann@corp.example“",
        "«ann@corp.example»",
        "‹ann@corp.example›",
        "'ann@corp.example'",
        "\"ann@corp.example\",",
        "<ann@corp.example>",
        "(ann@corp.example).",
        "[ann@corp.example],",
        "「ann@corp.example」",
        "（ann@corp.example）",
        "【ann@corp.example】",
        "ann@corp.example،",
        "ann@corp.example۔",
        "ann@corp.example।",
        "ann@corp.example、",
        "ann@corp.example．",
        "mailto:ann@corp.example",
        "<MAILTO:ann@corp.example>",
        "❝ann@corp.example❞",
        "’ann@corp.example’",
        "`ann@corp.example`",
    ] {
        let email =
            EmailAddress::parse(glued).unwrap_or_else(|refusal| panic!("{glued}: {}", refusal.message));
        assert_eq!(
            (email.as_typed(), email.key()),
            ("ann@corp.example", "ann@corp.example"),
            "{glued}"
        );
    }
    assert_eq!(
        EmailAddress::parse("o'brien'@b.c").unwrap().as_typed(),
        "o'brien'@b.c",
        "what is inside stays"
    );
}

#[test]
fn invisible_marks_are_no_part_of_an_address_and_composed_letters_are_one() {
    for typed in [
        "jo\u{ad}hn@b.c",
        "john@b\u{200b}.c",
        "\u{200f}john@b.c\u{200e}",
        "\u{202a}john@b.c\u{202c}",
        "john\u{2060}@b.c",
        "jo\u{feff}hn@b.c",
    ] {
        let email = EmailAddress::parse(typed).unwrap();
        assert_eq!(
            (email.as_typed(), email.key()),
            ("john@b.c", "john@b.c"),
            "{typed:?}"
        );
    }
    for (typed, shown, key) in [
        ("Mu\u{308}ller@b.c", "Müller@b.c", "müller@b.c"),
        (
            "a@mu\u{308}ller.example",
            "a@müller.example",
            "a@xn--mller-kva.example",
        ),
        (
            "e\u{301}@cafe\u{301}.example",
            "é@café.example",
            "é@xn--caf-dma.example",
        ),
        ("a\u{30a}@b.c", "å@b.c", "å@b.c"),
    ] {
        let email = EmailAddress::parse(typed).unwrap();
        assert_eq!((email.as_typed(), email.key()), (shown, key), "{typed:?}");
        assert_eq!(email, EmailAddress::parse(shown).unwrap());
    }
    assert!(EmailAddress::parse("müller@b.c").unwrap().needs_utf8());
    assert!(
        !EmailAddress::parse("mueller@müller.example")
            .unwrap()
            .needs_utf8()
    );
}

#[test]
fn what_is_no_address_is_refused() {
    let bad = [
        "",
        " ",
        "a",
        "@",
        "a@",
        "@b.c",
        "a@b",
        "a@localhost",
        "a@@b.c",
        "a@b.c@d.e",
        "a b@c.d",
        "a@b .c",
        "a@b..c",
        "a.@b.c",
        "a..b@c.d",
        "a@-b.c",
        "a@b-.c",
        "a@b_c.d",
        "a@.b.c",
        "a;b@c.d",
        "a,b@c.d",
        "\"a b\"@c.d",
        "\"a\"@c.d",
        "a@[127.0.0.1]",
        "a@[IPv6:::1]",
        "a@127.0.0.1",
        "a@127.1",
        "a@１２７.0.0.1",
        "a＠b.c",
        "a@b/c.d",
        "a@xn--zzzzzz-.com",
        "a\u{a0}b@c.d",
        "•a@b.c",
        "☕@b.c",
        "a☕b@c.d",
        "a\u{200d}b@c.d",
        "a@☕.example",
        "a@corp–dash.example",
        "a@b.c!",
        "a@b.c;",
        "a@b.c:",
        "a@b.c…",
        "a@b.c–",
    ];
    for text in bad {
        let refusal = EmailAddress::parse(text).expect_err(text);
        assert_eq!(refusal.code, Code::EmailInvalid, "{text}");
    }
}

#[test]
fn nothing_that_could_end_a_mail_header_gets_through() {
    for c in [
        '\r', '\n', '\0', '\t', '\u{85}', '\u{2028}', '\u{2029}', '\u{202e}', '\u{7f}',
    ] {
        for text in [
            format!("a{c}b@c.d"),
            format!("a@b{c}.c"),
            format!("a@b.c{c}Bcc:x@y.z"),
            format!("a{c}@b.c"),
        ] {
            assert_eq!(
                EmailAddress::parse(&text).unwrap_err().code,
                Code::EmailInvalid,
                "{text:?}"
            );
        }
    }
}

#[test]
fn lengths_count_in_bytes_and_the_limits_themselves_pass() {
    let domain = format!("{0}.{0}.{1}.com", "d".repeat(60), "e".repeat(63));
    let local = "l".repeat(64);
    let longest = format!("{local}@{domain}");
    assert_eq!(longest.len(), 254);
    assert!(EmailAddress::parse(&longest).is_ok());
    assert!(EmailAddress::parse(&format!("{local}@e{domain}")).is_err());
    assert!(EmailAddress::parse(&format!("{local}l@b.c")).is_err());
    assert!(EmailAddress::parse(&format!("a@{}.com", "d".repeat(64))).is_err());
    let longer_as_punycode = format!("{local}@{}com", "ü.".repeat(24));
    assert!(longer_as_punycode.len() < 254 && EmailAddress::parse(&longer_as_punycode).is_err());
}
