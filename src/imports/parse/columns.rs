//! The words that name a column: those of our own template, and those other programs and languages have for the same.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::Kind;

/// Headers are cut to this length where they are shown again, so that a hostile one is not repeated in every message.
const SHOWN_CHARACTERS: usize = 60;

/// What a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    GivenName,
    FamilyName,
    Email,
    Role,
    Products,
    ExternalId,
    Groups,
    /// Of somebody who is there, as an export writes it.
    UserId,
}

/// What a header says its column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    pub field: Field,
    /// By a word of our own template, which goes before any other.
    pub is_own: bool,
}

impl Field {
    pub const ALL: [Self; 8] = [
        Self::GivenName,
        Self::FamilyName,
        Self::Email,
        Self::Role,
        Self::Products,
        Self::ExternalId,
        Self::Groups,
        Self::UserId,
    ];
    /// As clients name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GivenName => "GIVEN_NAME",
            Self::FamilyName => "FAMILY_NAME",
            Self::Email => "EMAIL",
            Self::Role => "ROLE",
            Self::Products => "PRODUCT",
            Self::ExternalId => "EXTERNAL_ID",
            Self::Groups => "GROUPS",
            Self::UserId => "USER_ID",
        }
    }

    pub(super) const REQUIRED: [Self; 3] = [Self::GivenName, Self::FamilyName, Self::Email];

    /// The header we name it by.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::GivenName => "First Name",
            Self::FamilyName => "Last Name",
            Self::Email => "Email",
            Self::Role => "Role",
            Self::Products => "Products",
            Self::ExternalId => "External ID",
            Self::Groups => "Groups",
            Self::UserId => "User ID",
        }
    }

    /// Others of our own (domain page, section 6). `E-mail` is not among them: it is `Email` to [`key`].
    fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::GivenName => &["Given Name"],
            Self::FamilyName => &["Surname", "Family Name"],
            Self::Email => &["Email Address"],
            Self::Products => &["Product"],
            Self::Groups => &["Group"],
            Self::Role | Self::ExternalId | Self::UserId => &[],
        }
    }

    pub(super) fn own_words(self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.header()).chain(self.aliases().iter().copied())
    }

    /// What exports of directories, mail programs and spreadsheets in other languages call it. Roles stay out: their words would have to be understood in the
    /// cells as well.
    fn foreign_words(self) -> &'static str {
        match self {
            Self::GivenName => GIVEN_NAMES,
            Self::FamilyName => FAMILY_NAMES,
            Self::Email => EMAILS,
            Self::Products => PRODUCTS,
            Self::ExternalId => "external identifier, externe ID, ID externe, ID externo, ID esterno",
            // "Group" is used for whatever somebody sorts people by: only our own words mean ours.
            Self::Role | Self::Groups | Self::UserId => "",
        }
    }
}

const GIVEN_NAMES: &str = "first, first names, fname, forename, forenames, given names, Christian name, user first name, contact first name, Vorname, Vornamen, Rufname, prénom, \
    prénoms, nombre, nombres, primer nombre, nome, primeiro nome, voornaam, voornamen, förnamn, fornavn, etunimi, imię, imiona, jméno, křestní jméno, \
    meno, keresztnév, utónév, prenume, ad, adı, adi, isim, ime, eesnimi, vārds, vardas, имя, ім'я, име, όνομα, שם פרטי, الاسم الأول, 名, 名前, 名字, 이름";

const FAMILY_NAMES: &str = "last, last names, lname, surnames, second name, user last name, contact last name, Nachname, Nachnamen, Familienname, Zuname, nom, nom de famille, \
    apellido, apellidos, primer apellido, cognome, cognomi, sobrenome, apelido, apelidos, último nome, achternaam, familienaam, efternamn, efternavn, \
    etternavn, sukunimi, nazwisko, příjmení, priezvisko, vezetéknév, családnév, nume, nume de familie, soyad, soyadı, soyadi, soyisim, prezime, priimek, \
    perekonnanimi, uzvārds, pavardė, фамилия, прізвище, фамилно име, επώνυμο, שם משפחה, اسم العائلة, 姓, 姓氏, 苗字, 성";

const EMAILS: &str = "mail, mails, emails, mail address, email addresses, email ID, email 1, email 1 value, primary email, work email, email work, business email, company \
    email, contact email, user email, SMTP address, primary SMTP address, user principal name, UPN, Mailadresse, E-Mail-Adresse, E-Mail-Adressen, \
    elektronische Post, e-mailadres, mailadres, e-post, e-postadress, e-postadresse, e-posta, e-posta adresi, mailadress, e-mailadress, courriel, adresse \
    courriel, adresse mail, adresse e-mail, adresse électronique, adresse de courriel, adresse de messagerie, correo, correo electrónico, dirección de \
    correo, dirección de correo electrónico, dirección e-mail, indirizzo e-mail, indirizzo mail, posta elettronica, indirizzo di posta elettronica, \
    correio eletrônico, correio electrónico, endereço de e-mail, endereço eletrônico, sähköposti, sähköpostiosoite, adres e-mail, adresa mail, adresa \
    e-mail, e-mailová adresa, adres poczty elektronicznej, e-mail cím, эл. почта, электронная почта, адрес электронной почты, почта, електронна пошта, \
    имейл, email地址, 邮箱, 邮箱地址, 电子邮件, 电子邮箱, 電子郵件, 電郵, メール, メールアドレス, eメール, 이메일, 이메일 주소, 메일, דואר אלקטרוני, אימייל, البريد الإلكتروني";

const PRODUCTS: &str = "Produkt, Produkte, produit, produits, producto, productos, prodotto, prodotti, produto, produtos, producten, produkter, produkty, tuote, tuotteet, \
    продукт, продукты, 製品, 产品";

/// Given names whose language calls the family name by its word for "name": `Name` is nothing for certain elsewhere.
const NAMED_BESIDE: [&str; 4] = ["vorname", "vornamen", "rufname", "voornaam"];

/// All words for columns, by their [`key`].
static WORDS: LazyLock<HashMap<String, Meaning>> = LazyLock::new(|| {
    let of_field = |field: Field| {
        let own = field
            .own_words()
            .map(move |word| (key(word), Meaning { field, is_own: true }));
        let foreign = field.foreign_words().split(',').filter(|word| !word.is_empty());
        own.chain(foreign.map(move |word| (key(word), Meaning { field, is_own: false })))
    };
    Field::ALL.into_iter().flat_map(of_field).collect()
});

impl Meaning {
    /// What each header of a file means.
    pub fn of_all<'a>(headers: impl Iterator<Item = &'a str>, kind: Kind) -> Vec<Option<Self>> {
        let keys: Vec<[String; 2]> = headers
            .map(|header| [key(header), key(essence(header))])
            .collect();
        let known = |[whole, essence]: &[String; 2]| {
            let own = WORDS.get(whole).copied();
            let foreign = WORDS.get(essence).map(|meaning| Self {
                is_own: false,
                ..*meaning
            });
            own.or(foreign)
        };
        let mut meanings: Vec<Option<Self>> = keys.iter().map(known).collect();
        let family = Self {
            field: Field::FamilyName,
            is_own: false,
        };
        let is_named = meanings
            .iter()
            .flatten()
            .any(|meaning| meaning.field == family.field);
        if !is_named && keys.iter().any(|[_, key]| NAMED_BESIDE.contains(&key.as_str())) {
            for ([_, key], meaning) in keys.iter().zip(&mut meanings) {
                if matches!(key.as_str(), "name" | "naam") {
                    *meaning = Some(family);
                }
            }
        }
        for meaning in &mut meanings {
            *meaning = meaning.filter(|meaning| kind.reads(meaning.field));
        }
        meanings
    }
}

/// A header less what templates add to it: `First Name [Required]`, `E-Mail (work)`, `Email*`, `Vorname:`.
fn essence(header: &str) -> &str {
    let words = header
        .split(['[', '(', '{', '*', ':', '（', '【', '：'])
        .find(|part| !part.trim().is_empty());
    let words = words.unwrap_or(header).trim();
    ["required", "optional", "pflichtfeld", "obligatoire"]
        .iter()
        .find_map(|word| {
            let at = words.len().checked_sub(word.len())?;
            words.get(at..)?.eq_ignore_ascii_case(word).then(|| &words[..at])
        })
        .filter(|rest| !rest.trim().is_empty())
        .unwrap_or(words)
}

/// What counts of a header: its letters and digits without their marks, whatever their case and whatever stands between the words.
fn key(header: &str) -> String {
    let letters = header.nfkd().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

pub(super) fn shown(header: &str) -> String {
    header
        .chars()
        .filter(|c| !c.is_control())
        .take(SHOWN_CHARACTERS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(headers: &[&str]) -> Vec<Option<Field>> {
        let meanings = Meaning::of_all(headers.iter().copied(), Kind::Users);
        meanings
            .iter()
            .map(|meaning| meaning.map(|meaning| meaning.field))
            .collect()
    }

    #[test]
    fn the_words_of_other_languages_and_programs_name_the_same_columns() {
        let names = [
            Some(Field::GivenName),
            Some(Field::FamilyName),
            Some(Field::Email),
        ];
        for headers in [
            ["Vorname", "Nachname", "E-Mail-Adresse"],
            ["Vorname:", "Name", "Mail"],
            ["PRÉNOM", "Nom de famille", "Adresse e-mail"],
            ["Pre\u{301}nom", "Nom", "Courriel"],
            ["Nombre", "Apellidos", "Correo electrónico"],
            ["Nome", "Cognome", "Indirizzo email"],
            ["Voornaam", "Naam", "E-mailadres"],
            ["Förnamn", "Efternamn", "E-post"],
            ["Imię", "Nazwisko", "Adres e-mail"],
            ["Имя", "Фамилия", "Электронная почта"],
            ["名", "姓", "メールアドレス"],
            [
                "First Name [Required]",
                "Last Name [Required]",
                "Email Address [Required]",
            ],
            ["firstName", "lastName", "mail"],
            ["First name*", "Surname (legal)", "Work e-mail"],
            ["Given Name", "Family Name", "E-mail 1 - Value"],
            ["First\u{ad}Name", "\u{200f}Last Name", "User principal name"],
        ] {
            assert_eq!(fields(&headers), names, "{headers:?}");
        }
    }

    #[test]
    fn words_that_may_mean_anything_name_no_column() {
        for header in [
            "Name",
            "Full name",
            "Login",
            "Department",
            "Mailing list",
            "Required",
            "*",
            "",
            "Rolle",
            "Employee ID",
        ] {
            assert_eq!(
                fields(&["First Name", header]),
                [Some(Field::GivenName), None],
                "{header}"
            );
        }
        assert_eq!(fields(&["Vorname", "Nachname", "Name"])[2], None);
    }
}
