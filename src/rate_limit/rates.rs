//! How often is too often: every rate, with what it is for. `docs/limits.md` is made from this file.

use chrono::Duration;

/// How many of something within how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub name: &'static str,
    pub most: u64,
    pub within: Duration,
    /// What is counted, and for whom.
    pub meaning: &'static str,
}

const MINUTE: Duration = Duration::minutes(1);
const QUARTER: Duration = Duration::minutes(15);
/// The longest time over which anything is counted.
pub(super) const LONGEST: Duration = QUARTER;

macro_rules! rates {
    ($($(#[doc = $meaning:literal])+ $name:ident: $most:literal in $within:ident;)+) => {
        $($(#[doc = $meaning])+ pub const $name: Rate = Rate {
            name: stringify!($name),
            most: $most,
            within: $within,
            meaning: concat!($($meaning),+).trim_ascii(),
        };)+

        /// All of them, in the order of the docs.
        pub const ALL: &[Rate] = &[$($name),+];
    };
}

rates! {
    /// Wrong passwords for one e-mail address, whoever gives them.
    GUESSES: 10 in QUARTER;
    /// Different e-mail addresses for which one network gave a wrong password: a whole office may sit behind one address.
    GUESSED_BY_A_NETWORK: 100 in QUARTER;
    /// Wrong passwords from whoever shows something that strangers have not: a session, an invitation, a browser known by a link.
    GUESSES_OF_A_BEARER: 10 in QUARTER;
    /// Requests of one network for a link to set the password of one e-mail address.
    RESETS_ASKED_FOR: 10 in QUARTER;
    /// Different e-mail addresses for which one network asks for such a link.
    RESETS_ASKED_BY_A_NETWORK: 30 in QUARTER;
    /// Sign-ins by an identity provider that one network starts, or comes back from with what is no answer.
    SSO_STARTED: 300 in QUARTER;
    /// Logout tokens in the name of one identity provider, from one network, that are not to be believed.
    LOGOUT_TOKENS: 300 in QUARTER;
    /// Codes by mail that one person asks for, to prove once more who they are.
    CODES_SENT: 5 in QUARTER;
    /// Renewals of one session.
    RENEWALS: 300 in QUARTER;
    /// Mutations of one person, with all their API tokens, that are refused for lack of rights.
    REFUSALS_OF_A_PERSON: 60 in MINUTE;
    /// Mutations of one account that are refused for lack of rights.
    REFUSALS: 600 in MINUTE;
    /// Files that one account announces.
    UPLOADS: 60 in MINUTE;
    /// Imports that one account starts, whether or not its file is there.
    IMPORTS: 60 in MINUTE;
    /// Jobs for many people that one account starts.
    BULK_JOBS: 60 in MINUTE;
    /// Domains that one account has looked up in the DNS.
    DOMAIN_CHECKS: 30 in MINUTE;
    /// Trial sign-ins that one account starts.
    TRIALS: 30 in MINUTE;
    /// Switches of one person to another account.
    SWITCHES_OF_A_PERSON: 30 in MINUTE;
    /// Switches from one account to others.
    SWITCHES: 600 in MINUTE;
}

#[cfg(test)]
mod tests {
    use super::{ALL, LONGEST};

    #[test]
    fn nothing_is_cleared_away_that_still_counts() {
        assert!(ALL.iter().all(|rate| rate.within <= LONGEST && rate.most > 0));
    }
}
