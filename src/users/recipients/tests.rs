use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// Each entry on a line: `address|given|family`, or `!typed CODE`.
fn read(list: &str) -> Vec<String> {
    recipients(list, 200)
        .unwrap()
        .entries
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
fn a_comma_before_the_address_belongs_to_the_name_and_one_behind_it_separates() {
    assert_eq!(
        read("Lovelace, Ada <ada@b.c>; Hopper, Grace <grace@b.c>"),
        ["ada@b.c|Ada|Lovelace", "grace@b.c|Grace|Hopper"]
    );
    assert_eq!(
        read("x@b.c, y@b.c, Hopper, Grace <grace@b.c>;"),
        ["x@b.c||", "y@b.c||", "grace@b.c|Grace|Hopper"]
    );
    assert_eq!(read("Lovelace, Ada <ada@b.c>"), ["ada@b.c|Ada|Lovelace"]);
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
    assert_eq!(read("\"a@b.c; d@e.f\ng@h.i"), ["a@b.c||", "d@e.f||", "g@h.i||"]);
}

#[test]
fn comments_in_round_brackets_are_not_the_name() {
    for (list, expected) in [
        ("Alain Chat (IT) <alain@b.c>", "alain@b.c|Alain|Chat"),
        (
            "Chat, Alain (IT, Berlin; 2nd floor) <alain@b.c>",
            "alain@b.c|Alain|Chat",
        ),
        ("\"Chat, Alain (IT)\" <alain@b.c>", "alain@b.c|Alain|Chat"),
        ("Alain (at (the) lab) Chat <alain@b.c>", "alain@b.c|Alain|Chat"),
        ("alain@b.c (Alain Chat)", "alain@b.c||"),
        ("Alain Chat （外部） alain@b.c", "alain@b.c|Alain|Chat"),
        ("Alain Chat (old: x@y.z) <alain@b.c>", "alain@b.c|Alain|Chat"),
    ] {
        assert_eq!(read(list), [expected], "{list}");
    }
    assert_eq!(
        read("Alain (IT <alain@b.c>; x@b.c"),
        ["alain@b.c|Alain|(IT", "x@b.c||"],
        "one that stays open swallows nothing"
    );
}

#[test]
fn an_address_that_stands_there_twice_in_an_entry_is_one() {
    for (list, expected) in [
        ("\"Doe, Jon <j@b.c>\" <j@b.c>", "j@b.c|Jon|Doe"),
        ("\"Doe, Jon j@b.c\" <J@b.c>", "J@b.c|Jon|Doe"),
        ("Jon Doe [j@b.c] <j@b.c>", "j@b.c|Jon|Doe"),
        ("Nia <nia@b.c<mailto:nia@b.c>>", "nia@b.c|Nia|"),
        (
            "Nia Bern <nia@b.c<mailto:nia@b.c?subject=Hi>>",
            "nia@b.c|Nia|Bern",
        ),
        ("nia@b.c <mailto:nia@b.c>", "nia@b.c||"),
        ("nia@b.c<mailto:nia@b.c>", "nia@b.c||"),
        ("<mailto:nia@b.c>", "nia@b.c||"),
        ("mailto:nia@b.c", "nia@b.c||"),
        ("[nia@b.c](mailto:nia@b.c)", "nia@b.c||"),
        ("nia@b.c <nia@b.c>", "nia@b.c||"),
    ] {
        assert_eq!(read(list), [expected], "{list}");
    }
    for list in [
        "Nia <nia@b.c<mailto:eve@b.c>>",
        "\"Doe, Jon <eve@b.c>\" <j@b.c>",
        "eve@b.c <mailto:j@b.c>",
    ] {
        assert_eq!(
            read(list),
            [format!("!{list} EMAIL_INVALID")],
            "who is meant is not for us to say"
        );
    }
}

#[test]
fn a_name_before_an_address_on_its_line_is_the_name() {
    for (list, expected) in [
        ("Tab Bern\ttab@b.c", vec!["tab@b.c|Tab|Bern"]),
        (
            "Tab\tBern\ttab@b.c\nNia\tBern\tnia@b.c",
            vec!["tab@b.c|Tab|Bern", "nia@b.c|Nia|Bern"],
        ),
        (
            "tab@b.c\tTab Bern\nnia@b.c\tNia Bern",
            vec!["tab@b.c|Tab|Bern", "nia@b.c|Nia|Bern"],
        ),
        (
            "Jean Luc Picard jl@b.c\r\nTab Bern tab@b.c",
            vec!["jl@b.c|Jean Luc|Picard", "tab@b.c|Tab|Bern"],
        ),
        (
            "Bern, Tab tab@b.c; Tab Two - two@b.c",
            vec!["tab@b.c|Tab|Bern", "two@b.c|Tab|Two"],
        ),
        (
            "Jane Doe, jane@b.c\nJohn Doe: john@b.c",
            vec!["jane@b.c|Jane|Doe", "john@b.c|John|Doe"],
        ),
    ] {
        assert_eq!(read(list), expected, "{list:?}");
    }
    assert_eq!(read("jo@b.c\tΔδ Жж"), ["jo@b.c|Δδ|Жж"]);
    assert_eq!(read("ж,ж@\tab, δδδδδ")[0], "!ж EMAIL_INVALID");
    assert_eq!(
        read("x@b.c, Jane Doe, d@b.c"),
        ["x@b.c||", "!Jane Doe EMAIL_INVALID", "d@b.c||"],
        "beside other entries it may be one whose address was forgotten"
    );
    assert_eq!(
        read("Mina,Harker,m@b.c"),
        ["!Mina,Harker EMAIL_INVALID", "m@b.c||"]
    );
}

#[test]
fn bullets_and_numbers_before_an_entry_are_ignored() {
    for bullet in [
        "• ", "•", "- ", "* ", "– ", "▪\t", "‣ ", "→ ", "> ", ">> ", "1. ", "12) ", "3)", "#4 ", "[5] ",
        "6\t", "7: ", "a) ", "☐ ", "[ ] ", "- [x] ", "1. • ", "(8) ", "✓ ",
    ] {
        let list = format!("{bullet}Tab Bern <tab@b.c>\n{bullet}nia@b.c\n{bullet}Bern, Ada\tada@b.c");
        assert_eq!(
            read(&list),
            ["tab@b.c|Tab|Bern", "nia@b.c||", "ada@b.c|Ada|Bern"],
            "{bullet:?}"
        );
    }
    assert_eq!(
        read("1.ann@b.c; -x@b.c"),
        ["1.ann@b.c||", "-x@b.c||"],
        "what may be an address is one"
    );
}

#[test]
fn quotation_marks_of_every_kind_hold_a_name_together() {
    for (open, close) in [
        ("“", "”"),
        ("„", "“"),
        ("«", "»"),
        ("»", "«"),
        ("‘", "’"),
        ("‹", "›"),
        ("「", "」"),
        ("'", "'"),
        ("＂", "＂"),
        ("”", "”"),
    ] {
        assert_eq!(
            read(&format!("{open}Curl, Ada{close} <ada@b.c>, x@b.c")),
            ["ada@b.c|Ada|Curl", "x@b.c||"],
            "{open}{close}"
        );
    }
    assert_eq!(read("“Curl; Dr., Ada” <ada@b.c>"), ["ada@b.c|Ada|Curl; Dr."]);
    assert_eq!(
        read("Siobhán O’Brien <s@b.c>; Pat O'Neil <p@b.c>"),
        ["s@b.c|Siobhán|O’Brien", "p@b.c|Pat|O'Neil"]
    );
}

#[test]
fn what_is_left_out_as_blank_or_repeated_is_counted() {
    for (list, left_out) in [
        ("a@b.c;;d@e.f", 1),
        ("a@b.c; ; ;d@e.f;", 2),
        ("a@b.c\n\nd@e.f\n", 1),
        ("a@b.c\r\n\r\n\r\nd@e.f\r\n", 2),
        ("a@b.c;\r\nd@e.f;\r\n", 0),
        ("a@b.c; A@B.C; x <a@b.c>", 2),
        ("a@b.c, d@e.f,\ng@h.i", 0),
        ("", 0),
    ] {
        assert_eq!(recipients(list, 200).unwrap().left_out, left_out, "{list:?}");
    }
}

#[test]
fn fifty_pass_and_fifty_one_refuse_the_whole_list() {
    let list = |count: usize| {
        (0..count)
            .map(|n| format!("u{n}@b.c"))
            .collect::<Vec<_>>()
            .join(";")
    };
    assert_eq!(recipients(&list(50), 50).unwrap().entries.len(), 50);
    let refused = recipients(&list(51), 50).unwrap_err();
    assert_eq!(refused.code, Code::TooManyItems);
    assert_eq!(refused.message, "The list has more than 50 entries. Split it.");
    let with_a_duplicate = format!("{};U0@B.C", list(50));
    assert_eq!(
        recipients(&with_a_duplicate, 50).unwrap().entries.len(),
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
    fn any_text_is_read_without_panic_and_entries_are_never_longer_than_it(text in "[\"<>;,@a.\\n\\r\\t \u{a0}，é(）“1*]{0,80}") {
        let entries = recipients(&text, usize::MAX).unwrap().entries;
        let typed: usize = entries.iter().map(|entry| match entry {
            Ok(recipient) => recipient.email.as_typed().len(),
            Err(unreadable) => unreadable.typed.len(),
        }).sum();
        prop_assert!(typed <= text.len());
    }
}
