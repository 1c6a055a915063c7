//! Seats, held against the rows that they are counted of.

use super::House;

/// What must never be, as a statement that counts it; `{today}` is the day of the house.
const NEVER: [(&str, &str); 14] = [
    (
        "a subscription counts other seats than it has given",
        "SELECT count(*) FROM subscriptions s WHERE s.seats_used <>
            (SELECT count(*) FROM assignments a WHERE a.account_id = s.account_id AND a.subscription_id = s.id)",
    ),
    (
        "a subscription counts other reserved seats than are kept for those who have not joined",
        "SELECT count(*) FROM subscriptions s WHERE s.seats_reserved <>
            (SELECT count(*) FROM assignments a JOIN users u ON u.account_id = a.account_id AND u.id = a.user_id
             WHERE a.account_id = s.account_id AND a.subscription_id = s.id AND u.status <> 'ACTIVE')",
    ),
    (
        "more seats are used than were bought",
        "SELECT count(*) FROM subscriptions WHERE seats_used > seats OR seats_reserved > seats_used",
    ),
    (
        "somebody has two seats of a product",
        "SELECT count(*) FROM (SELECT 1 FROM assignments GROUP BY account_id, user_id, product_id HAVING count(*) > 1) twice",
    ),
    (
        "a seat is of another product than its subscription",
        "SELECT count(*) FROM assignments a JOIN subscriptions s ON s.account_id = a.account_id AND s.id = a.subscription_id
         WHERE s.product_id <> a.product_id",
    ),
    (
        "somebody who is out has a seat or waits for one",
        "SELECT count(*) FROM users u WHERE u.status IN ('DISABLED', 'REMOVED') AND (
            EXISTS (SELECT 1 FROM assignments a WHERE a.account_id = u.account_id AND a.user_id = u.id)
            OR EXISTS (SELECT 1 FROM waitlist_entries w WHERE w.account_id = u.account_id AND w.user_id = u.id))",
    ),
    (
        "somebody waits for what they have",
        "SELECT count(*) FROM waitlist_entries w JOIN assignments a
         ON a.account_id = w.account_id AND a.user_id = w.user_id AND a.product_id = w.product_id",
    ),
    (
        "somebody waits while a seat is free",
        "SELECT count(*) FROM waitlist_entries w JOIN subscriptions s ON s.account_id = w.account_id AND s.product_id = w.product_id
         WHERE s.seats_used < s.seats AND s.state IN ('ACTIVE', 'TRIAL') AND s.starts_on <= '{today}' AND s.ends_on >= '{today}'",
    ),
    (
        "two stand at one place of a line",
        "SELECT count(*) FROM (SELECT 1 FROM waitlist_entries GROUP BY account_id, product_id, rank HAVING count(*) > 1) twice",
    ),
    (
        "a group counts other members than it has",
        "SELECT count(*) FROM user_groups g WHERE g.member_count <>
            (SELECT count(*) FROM group_members m WHERE m.account_id = g.account_id AND m.group_id = g.id)",
    ),
    (
        "somebody neither has nor waits for what a group gives them",
        "SELECT count(*) FROM group_members m
         JOIN group_subscriptions g ON g.account_id = m.account_id AND g.group_id = m.group_id
         JOIN users u ON u.account_id = m.account_id AND u.id = m.user_id
         WHERE u.status NOT IN ('DISABLED', 'REMOVED')
            AND NOT EXISTS (SELECT 1 FROM assignments a WHERE a.account_id = m.account_id AND a.user_id = m.user_id AND a.product_id = g.product_id)
            AND NOT EXISTS (SELECT 1 FROM waitlist_entries w WHERE w.account_id = m.account_id AND w.user_id = m.user_id AND w.product_id = g.product_id)",
    ),
    (
        "somebody has by a group what no group of theirs gives",
        "SELECT count(*) FROM assignments a WHERE a.source = 'GROUP' AND NOT EXISTS (SELECT 1 FROM group_members m
            JOIN group_subscriptions g ON g.account_id = m.account_id AND g.group_id = m.group_id
            WHERE m.account_id = a.account_id AND m.user_id = a.user_id AND g.product_id = a.product_id)",
    ),
    (
        "somebody waits by a group for what no group of theirs gives",
        "SELECT count(*) FROM waitlist_entries a WHERE a.source = 'GROUP' AND NOT EXISTS (SELECT 1 FROM group_members m
            JOIN group_subscriptions g ON g.account_id = m.account_id AND g.group_id = m.group_id
            WHERE m.account_id = a.account_id AND m.user_id = a.user_id AND g.product_id = a.product_id)",
    ),
    (
        "somebody who was removed is in a group",
        "SELECT count(*) FROM group_members m JOIN users u ON u.account_id = m.account_id AND u.id = m.user_id WHERE u.status = 'REMOVED'",
    ),
];

/// Whatever happened, and in whatever order.
pub async fn assert_seats_agree(house: &House) {
    let today = house.app.clock().now().date_naive().to_string();
    for (what, sql) in NEVER {
        let count = house.number(&sql.replace("{today}", &today)).await;
        assert_eq!(count, 0, "{what}");
    }
}
