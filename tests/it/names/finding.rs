//! Who is found by what somebody types, on both databases the same.

use entity::account::Plan;
use rstest::rstest;

use super::support::{add, found};
use crate::support::{Database, House, team};

const PEOPLE: [(&str, &str, &str); 15] = [
    ("dash", "Jean\u{2011}Luc", "Picard"),
    ("dj", "Novak", "Đoković"),
    ("fraser", "Hélène", "Frasier"),
    ("fullwidth", "ＷＩＤＥ", "Ｎａｍｅ"),
    ("greek", "Ελένη", "Παπαδοπούλου"),
    ("hebrew", "דָּוִד", "כהן"),
    ("kana", "カナ", "ｶﾞﾗｽ"),
    ("lukasz", "Łukasz", "Wiśniewski"),
    ("mueller", "Jürgen", "Mu\u{308}ller"),
    ("obrien", "Pat", "O’Brien"),
    ("rtl", "Da\u{200f}vid", "Le\u{200e}vi"),
    ("shy", "An\u{ad}na", "Schwarzen\u{ad}berger"),
    ("sorensen", "Søren", "Kierkegård"),
    ("strasse", "Inge", "Straße"),
    ("vn", "Nguyễn", "Đức"),
];

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn accents_case_width_apostrophes_and_what_cannot_be_seen_make_no_difference(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    add(&house, &team, &PEOPLE).await;
    for (search, expected) in [
        ("muller", &["mueller"][..]),
        ("MÜLLER", &["mueller"]),
        ("Muller jurgen", &["mueller"]),
        ("Helene", &["fraser"]),
        ("hé\u{301}lène", &["fraser"]),
        ("O'Brien", &["obrien"]),
        ("o‘brien", &["obrien"]),
        ("O´BRIEN", &["obrien"]),
        ("oʼbri", &["obrien"]),
        ("strasse", &["strasse"]),
        ("STRAẞE", &["strasse"]),
        ("straße", &["strasse"]),
        ("anna schwarzenberger", &["shy"]),
        ("schwarzen\u{ad}ber", &["shy"]),
        ("david levi", &["rtl"]),
        ("da\u{200e}vid", &["rtl"]),
        ("wide name", &["fullwidth"]),
        ("ｐａｐ", &[]),
        ("ελενη", &["greek"]),
        ("ΠΑΠΑΔΟΠΟΥΛΟΥ", &["greek"]),
        ("דוד", &["hebrew"]),
        ("soren kierkegard", &["sorensen"]),
        ("lukasz wisniewski", &["lukasz"]),
        ("djokovic", &[]),
        ("dokovic", &["dj"]),
        ("nguyen duc", &["vn"]),
        ("jean-luc", &["dash"]),
        ("jean–luc", &["dash"]),
        // Kana are told apart by their voicing, and halves of words are found.
        ("ガラス", &["kana"]),
        ("カラス", &[]),
        ("ulle", &["mueller"]),
        ("rasi", &["fraser"]),
        // No other letter is taken for another, and an apostrophe is not nothing.
        ("obrien p", &["obrien"]),
        ("pat 'obrien", &[]),
        ("mu", &["mueller"]),
        ("jeanluc", &[]),
        ("frazier", &[]),
    ] {
        assert_eq!(found(&team.admin, search).await, expected, "{search}");
    }
    // What nobody sees is no word.
    assert_eq!(found(&team.admin, "\u{ad}\u{200f}").await.len(), PEOPLE.len() + 1);
    assert_eq!(found(&team.admin, "\u{200b} muller").await, ["mueller"]);
    // Addresses keep their letters: they are compared as mailboxes are.
    let by_address =
        "query($text: String!) { account { users(filter: {email: {contains: $text}}) { totalCount } } }";
    for (text, count) in [("fraser", 1), ("fràser", 0)] {
        let answer = team
            .admin
            .ask(by_address, serde_json::json!({"text": text}))
            .await;
        assert_eq!(answer["account"]["users"]["totalCount"], count, "{text}");
    }
    house.close().await;
}
