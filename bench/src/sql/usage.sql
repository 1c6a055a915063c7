-- Two million days of use in the account of 50,000: 20,000 people, two products, fifty days of each within the last 350. The months and totals are computed from the days.

CREATE TEMP TABLE used AS
SELECT u.account_id, u.id AS user_id, u.email, p.id AS product_id, current_date - (7 * k + (u.place % 7)::int) AS day
FROM (
    SELECT account_id, id, email, row_number() OVER (ORDER BY id) AS place FROM users
    WHERE account_id = (SELECT account_id FROM account_slugs WHERE slug = 'company-1')
) AS u, (SELECT id FROM products ORDER BY id LIMIT 2) AS p, generate_series(0, 49) AS k
WHERE u.place <= 20000;

INSERT INTO usage_days
SELECT account_id, md5('day ' || user_id || product_id || day)::uuid, user_id, product_id, day, 45, 2, 10000, ''::bytea FROM used;

INSERT INTO usage_months
SELECT account_id, md5('month ' || user_id || product_id || date_trunc('month', day))::uuid, user_id, product_id, date_trunc('month', day)::date,
       bit_or(1 << (extract(day FROM day)::int - 1)), count(*), max(day), 45 * count(*), 2 * count(*), 10000 * count(*)
FROM used GROUP BY account_id, user_id, product_id, date_trunc('month', day);

INSERT INTO usage_totals
SELECT account_id, md5(span || product_id || date_trunc(span, day))::uuid, product_id, upper(span), date_trunc(span, day)::date,
       count(DISTINCT user_id), 45 * count(*), 2 * count(*), 10000 * count(*), now()
FROM used, unnest(ARRAY['day', 'week', 'month']) AS span GROUP BY account_id, product_id, span, date_trunc(span, day);

UPDATE accounts SET plan = 'PREMIUM' WHERE slug = 'company-1';
