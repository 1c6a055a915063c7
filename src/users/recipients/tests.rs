use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// Each entry on a line: `address|given|family`, or `!typed CODE`.
fn read(list: &str) -> Vec<String> {
    recipients(list, 200)
        .unwrap()
        .into_iter()
        .map(|entry| match entry {
            Ok(Recipient {
                email,
                given_name,
                family_name,
            }) => {
                format!(
                    "{}|{}|{}",
                    email.as_typed(),
                    given_name.unwrap_or_default(),
                    family_name.unwrap_or_default()
                )
            }
            Err(Unreadable { typed, refusal }) => format!("!{typed} {}", refusal.code.name()),
        })
        .collect()
}

#[test]
fn every_separator_works_and_blank_entries_do_not_count() {
    let expected = ["a@b.c||", "d@e.f||", "g@h.i||"];
    for list in [
        "a@b.c;d@e.f;g@h.i",
        "a@b.c, d@e.f, g@h.i,",
        "a@b.c\nd@e.f\r\ng@h.i\r\n",
        "a@b.c d@e.f\tg@h.i",
        ";; a@b.c ;,\n ;d@e.f,g@h.i;",
        "a@b.c；d@e.f，g@h.i",
        "<a@b.c> <d@e.f>g@h.i",
        "a@b.c\rd@e.f;g@h.i",
        "\u{feff}a@b.c\u{a0}d@e.f, g@h.i\u{200b}",
    ] {
        assert_eq!(read(list), expected, "{list:?}");
    }
    assert_eq!(read(" ;\n,"), Vec::<String>::new());
}

#[test]
fn names_are_read_in_both_orders() {
    assert_eq!(
        read(
            "Ada Lovelace <ada@b.c>, \"Hopper, Grace\" <grace@b.c>\nJean Luc Picard <jl@b.c>; Cher <cher@b.c> <x@b.c>"
        ),
        [
            "ada@b.c|Ada|Lovelace",
            "grace@b.c|Grace|Hopper",
            "jl@b.c|Jean Luc|Picard",
            "cher@b.c|Cher|",
            "x@b.c||"
        ]
    );
    assert_eq!(
        read("\"Lovelace; Countess, Ada\" <ada@b.c>"),
        ["ada@b.c|Ada|Lovelace; Countess"]
    );
    assert_eq!(read("'ada@b.c' <Ada@b.c>"), ["Ada@b.c||"]);
}

#[test]
fn where_semicolons_separate_a_comma_belongs_to_the_name() {
    assert_eq!(
        read("Lovelace, Ada <ada@b.c>; Hopper, Grace <grace@b.c>"),
        ["ada@b.c|Ada|Lovelace", "grace@b.c|Grace|Hopper"]
    );
    assert_eq!(
        read("x@b.c, y@b.c, Hopper, Grace <grace@b.c>;"),
        ["x@b.c||", "y@b.c||", "grace@b.c|Grace|Hopper"]
    );
    assert_eq!(
        read("Lovelace, Ada <ada@b.c>"),
        ["!Lovelace EMAIL_INVALID", "ada@b.c|Ada|"]
    );
}

#[test]
fn an_address_that_comes_again_in_any_case_is_left_out() {
    assert_eq!(
        read("Ada@B.c; x@b.c; Ada Lovelace <ada@b.C>, a@bücher.de a@xn--bcher-kva.de"),
        ["Ada@B.c||", "x@b.c||", "a@bücher.de||"]
    );
}

#[test]
fn a_bad_entry_comes_back_as_typed_and_spoils_no_other() {
    assert_eq!(
        read("a@b.c; Jane  Doe; d@e@f ; Bob５ X <bob@b.c>; g@h.i"),
        [
            "a@b.c||",
            "!Jane  Doe EMAIL_INVALID",
            "!d@e@f EMAIL_INVALID",
            "!Bob５ X <bob@b.c> NAME_DOUBLE_BYTE_DIGIT",
            "g@h.i||"
        ]
    );
    assert_eq!(
        read("Jane Doe jane@b.c x y"),
        ["!Jane Doe EMAIL_INVALID", "jane@b.c||", "!x y EMAIL_INVALID"]
    );
    assert_eq!(read("a@b.c Jane <d@e.f>"), ["!a@b.c Jane <d@e.f> EMAIL_INVALID"]);
    assert_eq!(read("Jane <>; <"), ["!Jane <> EMAIL_INVALID", "!< EMAIL_INVALID"]);
    assert_eq!(
        read("A\u{2028}B <a@b.c>"),
        ["!A\u{2028}B <a@b.c> NAME_INVALID_CHARACTER"]
    );
}

#[test]
fn a_stray_quotation_mark_does_not_swallow_the_list() {
    assert_eq!(
        read("\"a@b.c; d@e.f\ng@h.i"),
        ["!\"a@b.c EMAIL_INVALID", "d@e.f||", "g@h.i||"]
    );
}

#[test]
fn fifty_pass_and_fifty_one_refuse_the_whole_list() {
    let list = |count: usize| {
        (0..count)
            .map(|n| format!("u{n}@b.c"))
            .collect::<Vec<_>>()
            .join(";")
    };
    assert_eq!(recipients(&list(50), 50).unwrap().len(), 50);
    assert_eq!(recipients(&list(51), 50).unwrap_err().code, Code::TooManyItems);
    let with_a_duplicate = format!("{};U0@B.C", list(50));
    assert_eq!(
        recipients(&with_a_duplicate, 50).unwrap().len(),
        50,
        "duplicates do not count"
    );
}

#[test]
fn reading_takes_linear_time() {
    for unit in ["\"", "<", ">", "\"<", ",", " ", "a ", "\\\"", "a@", "\" \n"] {
        let text = unit.repeat(1_000_000 / unit.len());
        let begin = Instant::now();
        let _ = recipients(&text, 200);
        assert!(
            begin.elapsed() < Duration::from_secs(5),
            "{unit:?} took {:?}",
            begin.elapsed()
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic_and_entries_are_never_longer_than_it(text in "[\"<>;,@a.\\n\\r \u{a0}，é]{0,80}") {
        let entries = recipients(&text, usize::MAX).unwrap();
        let typed: usize = entries.iter().map(|entry| match entry {
            Ok(recipient) => recipient.email.as_typed().len(),
            Err(unreadable) => unreadable.typed.len(),
        }).sum();
        prop_assert!(typed <= text.len());
    }
}
