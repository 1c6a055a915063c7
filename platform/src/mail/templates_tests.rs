//! What the mails say, to the letter.

use super::*;

fn link() -> Url {
    "https://muster.example/join#token=abc".parse().unwrap()
}

fn invitation() -> Invitation {
    Invitation {
        account_name: "Analytical Engines".into(),
        inviter_name: Some("Charles Babbage".into()),
        link: link(),
        expires_on: NaiveDate::from_ymd_opt(2027, 2, 5).unwrap(),
        products: vec!["Looms".into(), "Cards & Co".into()],
        message: Note::new("Looking forward to it!\nCharles"),
    }
}

fn show(mail: &Rendered) -> String {
    format!("Subject: {}\n\n{}\n=====\n{}", mail.subject, mail.text, mail.html)
}

#[test]
fn an_invitation_tells_who_where_what_how_and_until_when() {
    insta::assert_snapshot!(show(&invitation().render().unwrap()));
}

#[test]
fn an_invitation_may_come_from_nobody_with_nothing_to_say() {
    let mail = Invitation {
        inviter_name: None,
        products: vec![],
        message: None,
        ..invitation()
    };
    insta::assert_snapshot!(show(&mail.render().unwrap()));
}

#[test]
fn a_confirmation_lists_all_products_in_one_mail() {
    let products = |names: &[&str]| ProductConfirmation {
        account_name: "Analytical Engines".into(),
        products: names.iter().map(Plain::from).collect(),
        link: "https://muster.example/".parse().unwrap(),
    };
    assert_eq!(
        products(&["Looms"]).render().unwrap().subject,
        "You now have access to Looms"
    );
    assert_eq!(
        products(&["Looms", "Cards"]).render().unwrap().subject,
        "You now have access to Looms and Cards"
    );
    insta::assert_snapshot!(show(&products(&["Looms", "Cards", "Mills"]).render().unwrap()));
}

#[test]
fn a_welcome_tells_how_to_sign_in_and_what_is_there() {
    let mail = |products: &[&str]| Welcome {
        account_name: "Analytical Engines".into(),
        provider_name: "Engine House".into(),
        products: products.iter().map(Plain::from).collect(),
        link: "https://muster.example/".parse().unwrap(),
    };
    assert!(!mail(&[]).render().unwrap().text.contains("access to"));
    insta::assert_snapshot!(show(&mail(&["Looms", "Cards & Co"]).render().unwrap()));
}

#[test]
fn an_import_tells_how_many_rows_came_to_what() {
    let mail = |ending| ImportFinished {
        ending,
        account_name: "Analytical Engines".into(),
        filename: "people 2027.csv".into(),
        counts: vec![("Invited".into(), 4_980), ("Failed".into(), 20)],
        total: 5_000,
        link: "https://muster.example/imports/1".parse().unwrap(),
    };
    let cancelled = mail(Ending::Cancelled).render().unwrap();
    assert_eq!(cancelled.subject, "Import cancelled: people 2027.csv");
    assert!(
        cancelled
            .text
            .contains("was cancelled. What was done before that stays."),
        "{}",
        cancelled.text
    );
    let failed = mail(Ending::Failed).render().unwrap();
    assert_eq!(failed.subject, "Import failed: people 2027.csv");
    insta::assert_snapshot!(show(&mail(Ending::Completed).render().unwrap()));
}

#[test]
fn full_seats_are_told_with_a_way_out() {
    let mail = |seats, left| SeatsFull {
        account_name: "Analytical Engines".into(),
        product: "Looms".into(),
        seats,
        left,
        link: "https://muster.example/subscriptions/1".parse().unwrap(),
    };
    let subject = |seats, left| mail(seats, left).render().unwrap().subject;
    assert_eq!(subject(1, 0), "The only seat of Looms is taken");
    assert_eq!(subject(10, 1), "One of 10 seats of Looms is left");
    insta::assert_snapshot!(show(&mail(50, 0).render().unwrap()));
}

#[test]
fn few_seats_are_told_before_there_are_none() {
    let mail = SeatsFull {
        account_name: "Analytical Engines".into(),
        product: "Looms".into(),
        seats: 50,
        left: 5,
        link: "https://muster.example/subscriptions/1".parse().unwrap(),
    };
    insta::assert_snapshot!(show(&mail.render().unwrap()));
}

#[test]
fn few_credits_are_told_and_none_are() {
    let mail = |left: &str, is_used_up| CreditsLow {
        account_name: "Analytical Engines".into(),
        left: left.to_owned(),
        of: "120.5".to_owned(),
        is_used_up,
        link: "https://muster.example/".parse().unwrap(),
    };
    insta::assert_snapshot!(show(&mail("24.1", false).render().unwrap()));
    insta::assert_snapshot!(show(&mail("-2", true).render().unwrap()));
}

#[test]
fn a_term_that_ends_is_told_with_what_follows_and_what_to_do() {
    let mail = |product: Option<&str>, left, renews, grace_days| TermEnding {
        account_name: "Analytical Engines".into(),
        contract: "C-1843".into(),
        product: product.map(Into::into),
        day: chrono::NaiveDate::from_ymd_opt(2027, 2, 20).unwrap(),
        left,
        renews,
        grace_days,
        link: "https://muster.example/".parse().unwrap(),
    };
    let subject = |product, left, renews| mail(product, left, renews, 30).render().unwrap().subject;
    assert_eq!(subject(None, 1, false), "Contract C-1843 ends tomorrow");
    assert_eq!(
        subject(Some("Looms"), 0, false),
        "Looms (contract C-1843) ends today"
    );
    assert_eq!(subject(None, 30, true), "Contract C-1843 is renewed in 30 days");
    let without = mail(None, 7, false, 0).render().unwrap();
    assert!(without.text.contains("is shown as lapsed"), "{}", without.text);
    let renewed = mail(None, 7, true, 30).render().unwrap();
    assert!(renewed.text.contains("by itself"), "{}", renewed.text);
    insta::assert_snapshot!(show(&mail(None, 7, false, 30).render().unwrap()));
}

#[test]
fn a_new_role_is_told_in_words() {
    let mail = RoleChanged {
        account_name: "Analytical Engines".into(),
        role: "secondary administrator".into(),
        link: "https://muster.example/".parse().unwrap(),
    };
    insta::assert_snapshot!(show(&mail.render().unwrap()));
}

#[test]
fn a_provider_that_was_linked_is_told_to_whom_it_speaks_for() {
    let mail = ProviderLinked {
        account_name: "Analytical Engines".into(),
        provider_name: "Engine House".into(),
        link: "https://muster.example/".parse().unwrap(),
    };
    insta::assert_snapshot!(show(&mail.render().unwrap()));
}

#[test]
fn another_address_is_told_with_both() {
    let mail = AddressChanged {
        account_name: "Analytical Engines".into(),
        provider_name: "Engine House".into(),
        former: "ada@byron.example".into(),
        present: "ada@lovelace.example".into(),
        link: "https://muster.example/".parse().unwrap(),
    };
    insta::assert_snapshot!(show(&mail.render().unwrap()));
}

#[test]
fn a_code_stands_in_the_subject() {
    let mail = SignInCode {
        account_name: "Analytical Engines".into(),
        code: "01234567".into(),
    };
    insta::assert_snapshot!(show(&mail.render().unwrap()));
}

#[test]
fn a_hand_over_is_told_to_both() {
    let mail = |is_primary, role: &str| PrimaryHandedOver {
        account_name: "Analytical Engines".into(),
        other_name: "Charles Babbage".into(),
        is_primary,
        role: role.into(),
        link: "https://muster.example/".parse().unwrap(),
    };
    let heir = mail(true, "primary administrator").render().unwrap();
    let former = mail(false, "secondary administrator").render().unwrap();
    insta::assert_snapshot!(format!("{}\n\n{}", show(&heir), show(&former)));
}

#[test]
fn hostile_names_stay_words() {
    let mail = Invitation {
        account_name: "<script>alert(1)</script>".into(),
        inviter_name: Some("Eve\r\nBcc: all@example.com \u{202E}gpj".into()),
        products: vec![
            "\"><img src=x onerror=alert(1)>".into(),
            "https://evil.example".into(),
        ],
        message: Note::new("Click https://evil.example/<b>\r\n.\r\nQUIT <a href=x>here</a>"),
        ..invitation()
    };
    let mail = mail.render().unwrap();
    for bad in ["<script", "<img", "evil.example", "<a href=x", "\u{202E}"] {
        assert!(!mail.html.contains(bad), "{bad}");
    }
    assert_eq!(mail.subject.lines().count(), 1);
    insta::assert_snapshot!(show(&mail));
}

#[test]
fn no_name_in_a_mail_is_what_a_mail_program_makes_a_link_of() {
    let mail = Invitation {
        account_name: "evil.example/login".into(),
        inviter_name: Some("Eve phishing.example".into()),
        products: vec!["free.example".into()],
        message: None,
        ..invitation()
    };
    let mail = mail.render().unwrap();
    for (part, text) in [
        ("subject", &mail.subject),
        ("text", &mail.text),
        ("HTML", &mail.html),
    ] {
        for link in ["evil.example", "phishing.example", "free.example"] {
            assert!(!text.contains(link), "{link} in the {part}: {text}");
        }
    }
    assert!(mail.subject.contains("Eve phishing. example") && mail.text.contains("evil. example/login"));
}

#[test]
fn a_password_mail_has_the_link_and_says_how_long_it_is_good() {
    let mail = PasswordReset {
        link: "https://muster.example/password#token=abc".parse().unwrap(),
    };
    insta::assert_snapshot!(show(&mail.render().unwrap()));
}

#[test]
fn a_seat_that_ends_is_told_with_its_last_day_and_what_to_do() {
    let mail = |products: &[&str], is_last_day, has_joined| SeatEnding {
        account_name: "Analytical Engines".into(),
        products: products.iter().map(|product| Plain::new(product)).collect(),
        is_last_day,
        has_joined,
        day: NaiveDate::from_ymd_opt(2027, 2, 20).unwrap(),
        link: "https://muster.example/".parse().unwrap(),
    };
    insta::assert_snapshot!(show(&mail(&["Looms", "Mills"], true, true).render().unwrap()));
    let idle = mail(&["Looms"], false, true).render().unwrap();
    assert_eq!(idle.subject, "Your access to Looms ends");
    assert!(
        idle.text.contains("taken back on 20 February 2027")
            && idle.text.contains("sign in and use it before then"),
        "{}",
        idle.text
    );
    let late = mail(&["Looms"], false, false).render().unwrap();
    assert!(
        late.text.contains("did not accept") && !late.text.contains("sign in"),
        "{}",
        late.text
    );
}

#[test]
fn a_mail_of_the_day_names_the_last_messages_and_how_many_more_there_are() {
    let told = |title: &str, body: &str| Told {
        title: title.into(),
        body: Note::new(body),
        on: NaiveDate::from_ymd_opt(2027, 2, 5).unwrap(),
    };
    let mail = |items: Vec<Told>, more| Digest {
        account_name: "Analytical Engines".into(),
        items,
        more,
        link: "https://muster.example/".parse().unwrap(),
    };
    let one = told("All seats of Looms are taken", "All 5 seats are assigned.");
    let single = mail(vec![one.clone()], 0).render().unwrap();
    assert_eq!(single.subject, "Analytical Engines: All seats of Looms are taken");
    assert!(!single.text.contains("more"));
    let many = mail(vec![one, told("Your export is ready", "")], 3)
        .render()
        .unwrap();
    insta::assert_snapshot!(show(&many));
}

#[test]
fn a_change_of_ones_address_is_proven_at_the_new_one_and_told_at_both() {
    let account_name = || Plain::from("Analytical Engines");
    let home = || "https://muster.example/".parse::<Url>().unwrap();
    let proof = EmailChange {
        account_name: account_name(),
        link: link(),
    };
    let asked = EmailChangeAsked {
        account_name: account_name(),
        present: "ada@engines.example".into(),
        link: home(),
    };
    let changed = EmailChanged {
        account_name: account_name(),
        former: "ada@old.example".into(),
        present: "ada@engines.example".into(),
        link: home(),
    };
    let mails = [proof.render(), asked.render(), changed.render()];
    let shown: Vec<String> = mails.iter().map(|mail| show(mail.as_ref().unwrap())).collect();
    assert!(!shown[1].contains("token=") && !shown[2].contains("token="));
    insta::assert_snapshot!(shown.join("\n=========\n"));
}

#[test]
fn a_request_for_support_has_what_whoever_reads_it_needs_and_no_markup_of_the_person() {
    let mail = SupportRequest {
        reference: "7K2M9-QXF4T".into(),
        account_name: "Analytical Engines".into(),
        account_id: "acc_1".into(),
        is_premium: true,
        person: "Ada Lovelace".into(),
        email: "ada@engines.example".into(),
        user_id: "usr_1".into(),
        role: "USER".into(),
        product: Some("Looms".into()),
        subject: Words::new("It does not\u{202e} start"),
        body: Words::new("See https://engines.example/log\r\n<b>Twice</b>"),
    };
    insta::assert_snapshot!(show(&mail.render().unwrap()));
}
