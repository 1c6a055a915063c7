use super::{Decision, DomainOwner, EmailClaim, Facts, Known, Link, Rejection, decide, may_follow};

const KNOWN: [Known; 7] = [
    Known::Nobody,
    Known::Staged,
    Known::Invited,
    Known::InvitationExpired,
    Known::Active,
    Known::Disabled,
    Known::Removed,
];
const LINKS: [Link; 3] = [Link::None, Link::ThisSubject, Link::AnotherSubject];
const EMAILS: [EmailClaim; 5] = [
    EmailClaim::Missing,
    EmailClaim::Unverified,
    EmailClaim::VerifiedAsText,
    EmailClaim::Unsaid,
    EmailClaim::Verified,
];
const DOMAINS: [DomainOwner; 4] = [
    DomainOwner::Nobody,
    DomainOwner::AnotherAccount,
    DomainOwner::ThisAccount,
    DomainOwner::ThisProvider,
];

fn all() -> Vec<Facts> {
    let mut all = Vec::new();
    for known in KNOWN {
        for link in LINKS {
            for email in EMAILS {
                for domain in DOMAINS {
                    for bits in 0..64u8 {
                        all.push(Facts {
                            is_enabled: bits & 1 != 0,
                            known,
                            link,
                            email,
                            domain,
                            is_authoritative: bits & 2 != 0,
                            is_premium: bits & 4 != 0,
                            provisions: bits & 8 != 0,
                            is_confirmed: bits & 16 != 0,
                            is_primary: bits & 32 != 0,
                        });
                    }
                }
            }
        }
    }
    assert_eq!(all.len(), 7 * 3 * 5 * 4 * 64);
    all
}

/// The table as the domain page has it: condition and result, row by row.
fn by_the_page(facts: &Facts) -> (u8, Decision) {
    let refuse = Decision::Refuse;
    let linked = facts.link == Link::ThisSubject;
    let other = facts.link == Link::AnotherSubject;
    let ours = matches!(facts.domain, DomainOwner::ThisAccount | DomainOwner::ThisProvider);
    let unknown = matches!(facts.known, Known::Nobody | Known::Staged);
    let believed = facts.is_authoritative && facts.domain == DomainOwner::ThisProvider;
    let expired = facts.known == Known::InvitationExpired;
    let rows: [(u8, bool, Decision); 18] = [
        (1, !facts.is_enabled, refuse(Rejection::SsoNotEnabled)),
        (2, linked && facts.known == Known::Active, Decision::SignIn),
        (3, facts.known == Known::Disabled, refuse(Rejection::UserDisabled)),
        (4, facts.known == Known::Removed, refuse(Rejection::UserRemoved)),
        (
            5,
            matches!(
                facts.email,
                EmailClaim::Missing | EmailClaim::Unverified | EmailClaim::VerifiedAsText
            ),
            refuse(Rejection::EmailNotVerified),
        ),
        (
            6,
            facts.email == EmailClaim::Unsaid && !believed,
            refuse(Rejection::EmailNotVerified),
        ),
        (
            7,
            facts.domain == DomainOwner::AnotherAccount,
            refuse(Rejection::DomainClaimedElsewhere),
        ),
        (9, other, refuse(Rejection::LinkConfirmationRequired)),
        (
            8,
            facts.known == Known::Active && ours && !facts.is_primary,
            Decision::Link,
        ),
        (
            9,
            facts.known == Known::Active && facts.is_confirmed,
            Decision::Link,
        ),
        (
            9,
            facts.known == Known::Active,
            refuse(Rejection::LinkConfirmationRequired),
        ),
        (10, facts.known == Known::Invited, Decision::AcceptInvitation),
        (
            11,
            expired && facts.is_premium && facts.provisions && ours,
            Decision::ProvisionInvited,
        ),
        (12, expired, refuse(Rejection::InvitationExpired)),
        (
            13,
            unknown && !facts.is_premium,
            refuse(Rejection::SsoRequiresPremium),
        ),
        (
            14,
            unknown && !facts.provisions,
            refuse(Rejection::ProvisioningOff),
        ),
        (15, unknown && !ours, refuse(Rejection::DomainNotVerified)),
        (16, unknown, Decision::Provision),
    ];
    let (row, _, decision) = rows.into_iter().find(|(_, matches, _)| *matches).unwrap();
    (row, decision)
}

#[test]
fn every_combination_is_decided_as_the_page_says_and_every_row_is_reached() {
    let mut reached = std::collections::BTreeSet::new();
    for facts in all() {
        let (row, decision) = by_the_page(&facts);
        assert_eq!(decide(facts), decision, "row {row}: {facts:?}");
        reached.insert(row);
    }
    assert_eq!(reached, (1..=16).collect());
}

#[test]
fn a_provider_that_is_not_enabled_lets_nobody_in() {
    for facts in all().into_iter().filter(|facts| !facts.is_enabled) {
        assert_eq!(decide(facts), Decision::Refuse(Rejection::SsoNotEnabled));
    }
}

#[test]
fn nobody_is_provisioned_without_premium_provisioning_and_a_verified_domain() {
    for facts in all() {
        if matches!(decide(facts), Decision::Provision | Decision::ProvisionInvited) {
            assert!(facts.is_premium && facts.provisions, "{facts:?}");
            assert!(
                matches!(facts.domain, DomainOwner::ThisAccount | DomainOwner::ThisProvider),
                "{facts:?}"
            );
        }
    }
}

#[test]
fn who_is_disabled_or_removed_stays_out_whatever_the_provider_says() {
    for facts in all() {
        if matches!(facts.known, Known::Disabled | Known::Removed) {
            assert!(matches!(decide(facts), Decision::Refuse(_)), "{facts:?}");
        }
    }
}

#[test]
fn the_primary_administrator_is_linked_by_their_own_word_alone() {
    for facts in all().into_iter().filter(|facts| facts.is_primary) {
        assert!(decide(facts) != Decision::Link || facts.is_confirmed, "{facts:?}");
    }
}

#[test]
fn an_address_nobody_vouches_for_reaches_nobody_who_is_not_linked() {
    for facts in all() {
        let vouched = facts.email == EmailClaim::Verified
            || (facts.email == EmailClaim::Unsaid
                && facts.is_authoritative
                && facts.domain == DomainOwner::ThisProvider);
        if !vouched && facts.link != Link::ThisSubject {
            assert!(matches!(decide(facts), Decision::Refuse(_)), "{facts:?}");
        }
    }
}

#[test]
fn a_downgrade_locks_nobody_out_who_is_linked() {
    for facts in all() {
        let is_in = facts.is_enabled && facts.known == Known::Active && facts.link == Link::ThisSubject;
        assert_eq!(decide(facts) == Decision::SignIn, is_in, "{facts:?}");
    }
}

#[test]
fn another_accounts_domain_and_another_subjects_user_are_out_of_reach() {
    for facts in all() {
        let foreign = facts.domain == DomainOwner::AnotherAccount || facts.link == Link::AnotherSubject;
        if foreign && decide(facts) != Decision::SignIn {
            assert!(matches!(decide(facts), Decision::Refuse(_)), "{facts:?}");
        }
    }
}

#[test]
fn an_address_follows_into_proven_domains_alone_and_the_primary_administrators_by_their_word_alone() {
    for facts in all() {
        let vouched = facts.email == EmailClaim::Verified
            || (facts.email == EmailClaim::Unsaid
                && facts.is_authoritative
                && facts.domain == DomainOwner::ThisProvider);
        let ours = matches!(facts.domain, DomainOwner::ThisAccount | DomainOwner::ThisProvider);
        let own_word = !facts.is_primary || facts.is_confirmed;
        assert_eq!(may_follow(facts), vouched && ours && own_word, "{facts:?}");
    }
}
