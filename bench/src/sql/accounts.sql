-- 1,000 accounts of skewed sizes, 200,000 users, 60 products, 8,000 subscriptions, 600,000 assignments.
-- Counters are computed from what is inserted, so every CHECK and every foreign key is checked as usual.

CREATE FUNCTION pg_temp.moment(ms bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
$$ SELECT to_timestamp(ms / 1000.0) $$;

-- Time-ordered as the ids of the product are: milliseconds, version, and bits that look random.
CREATE FUNCTION pg_temp.id_of(ms bigint, salt text) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT overlay(overlay(md5(salt) PLACING lpad(to_hex(ms), 12, '0') || '7' FROM 1) PLACING '8' FROM 17)::uuid $$;

-- One account has 50,000 users; the others share 150,000, the i-th in proportion to i^-0.8: from some 6,000 down to some 40.
CREATE TEMP TABLE sizes AS
WITH shares AS (
    SELECT i, sum(power(i::float8, -0.8)) OVER (ORDER BY i) / sum(power(i::float8, -0.8)) OVER () AS share
    FROM generate_series(2, 1000) AS i
), ends AS (
    SELECT 1 AS account, 50000 AS last UNION ALL SELECT i, 50000 + round(150000 * share)::int FROM shares
)
SELECT account, pg_temp.id_of(1735689600000 + account, 'account ' || account) AS account_id,
       coalesce(lag(last) OVER (ORDER BY account), 0) AS before, last
FROM ends;

CREATE TEMP TABLE people AS
SELECT s.account, s.account_id, g, g - s.before AS n, 1735700000000 + g * 1000::bigint AS ms,
       pg_temp.id_of(1735700000000 + g * 1000::bigint, 'user ' || g) AS id,
       (ARRAY['Ada','Ben','Cleo','Dora','Emil','Fay','Gus','Hana','Ivo','Jana','Kira','Lars','Mona','Nils','Olga','Paul',
              'Quinn','Rosa','Sven','Tara','Ugo','Vera','Wim','Xenia','Yara','Zeno','Alma','Bela','Cora','Dino','Edda','Finn'])[g % 32 + 1] AS given,
       (ARRAY['Abel','Brandt','Cerny','Dvorak','Eder','Fischer','Gruber','Huber','Ibsen','Jansen','Keller','Lang','Meier','Novak','Olsen','Peters',
              'Quast','Richter','Schmidt','Thoma','Ullmann','Vogel','Wagner','Xander','Young','Zeman','Arnold','Bauer','Conrad','Dietz','Ernst','Frank'])[g / 32 % 32 + 1] AS family,
       CASE g - s.before WHEN 1 THEN 'PRIMARY_ADMIN' WHEN 2 THEN 'SECONDARY_ADMIN' ELSE 'USER' END AS role,
       CASE WHEN (g - s.before) % 10 = 0 THEN 'PENDING' ELSE 'ACTIVE' END AS status
FROM sizes AS s, generate_series(s.before + 1, s.last) AS g;

-- One to five seats a person, of eight subscriptions an account.
CREATE TEMP TABLE places AS
SELECT p.account, p.account_id, p.id AS user_id, p.status, (p.g + j * 3) % 8 AS slot,
       row_number() OVER (ORDER BY p.g, j) AS number
FROM people AS p, generate_series(0, p.g % 5) AS j;

CREATE TEMP TABLE offers AS
SELECT account, account_id, slot, pg_temp.id_of(1735690000000 + account, 'subscription ' || account || ' ' || slot) AS id,
       (account + slot * 7) % 60 AS product
FROM sizes, generate_series(0, 7) AS slot;

ANALYZE sizes, people, places, offers;

INSERT INTO accounts
SELECT s.account_id, 1, 'Company ' || s.account, 'company-' || s.account, 'STANDARD', 'CURRENT', 90, '[]', 'en',
       0, c.pending, c.active, 0, c.admins, pg_temp.moment(1735689600000 + s.account), 1
FROM sizes AS s JOIN (
    SELECT account, count(*) FILTER (WHERE status = 'PENDING') AS pending, count(*) FILTER (WHERE status = 'ACTIVE') AS active,
           count(*) FILTER (WHERE role <> 'USER') AS admins
    FROM people GROUP BY account
) AS c USING (account);

INSERT INTO identities
SELECT pg_temp.id_of(ms, 'identity ' || account), 'admin@company-' || account || '.example', 'admin@company-' || account || '.example',
       NULL, pg_temp.moment(ms), pg_temp.moment(ms)
FROM people WHERE n = 1;

INSERT INTO users (account_id, id, identity_id, version, email, email_key, email_verified, given_name, family_name, given_key, family_key, search_text,
                   role, status, origin, created_at)
SELECT account_id, id, CASE WHEN n = 1 THEN pg_temp.id_of(ms, 'identity ' || account) END, 1, email, lower(email), status = 'ACTIVE',
       given, family, convert_to(lower(given || ' ' || family), 'UTF8'), convert_to(lower(family || ' ' || given), 'UTF8'),
       lower(given || ' ' || family || ' ' || email), role, status, 'INVITATION', pg_temp.moment(ms)
FROM (
    SELECT *, CASE WHEN n = 1 THEN 'admin' ELSE given || '.' || family || '.' || g END || '@company-' || account || '.example' AS email
    FROM people ORDER BY g
) AS p;

INSERT INTO account_slugs (slug, account_id) SELECT slug, id FROM accounts;

INSERT INTO user_directory (account_id, user_id, identity_id, email_key)
SELECT account_id, id, identity_id, email_key FROM users WHERE email_verified OR identity_id IS NOT NULL;

INSERT INTO invitations
SELECT p.account_id, pg_temp.id_of(p.ms, 'invitation ' || p.g), p.id, 'USER', 'PENDING', 1, sha256(p.id::text::bytea), a.id, NULL,
       pg_temp.moment(p.ms), now() + interval '90 days', pg_temp.moment(p.ms), 1, NULL, NULL
FROM people AS p JOIN people AS a ON a.account = p.account AND a.n = 1
WHERE p.status = 'PENDING' ORDER BY p.g;

INSERT INTO products
SELECT pg_temp.id_of(1735689500000 + p, 'product ' || p), 'product-' || p, 'Product ' || p, 'COLLECTION', NULL, pg_temp.moment(1735689500000 + p)
FROM generate_series(0, 59) AS p;

INSERT INTO components
SELECT pg_temp.id_of(1735689500000 + p, 'component ' || p || ' ' || c), pg_temp.id_of(1735689500000 + p, 'product ' || p),
       'part-' || c, 'Part ' || c, NULL, c = 1, true, c
FROM generate_series(0, 59) AS p, generate_series(1, 3) AS c;

INSERT INTO contracts
SELECT account_id, pg_temp.id_of(1735690000000 + account, 'contract ' || account), 'C-' || account, current_date - 365, current_date + 365,
       true, NULL, NULL, NULL, pg_temp.moment(1735690000000 + account)
FROM sizes;

INSERT INTO subscriptions
SELECT o.account_id, o.id, 1, pg_temp.id_of(1735689500000 + product, 'product ' || product),
       pg_temp.id_of(1735690000000 + account, 'contract ' || account), 'ACTIVE',
       coalesce(used, 0) * 11 / 10 + 10, coalesce(used, 0), coalesce(reserved, 0), current_date - 365, current_date + 365,
       pg_temp.moment(1735690000000 + account)
FROM offers AS o LEFT JOIN (
    SELECT account, slot, count(*) AS used, count(*) FILTER (WHERE status = 'PENDING') AS reserved FROM places GROUP BY account, slot
) AS taken USING (account, slot);

INSERT INTO assignments
SELECT p.account_id, pg_temp.id_of(1736000000000 + p.number * 100, 'assignment ' || p.number), 1, p.user_id, o.id, c.product_id, c.ids,
       'MANUAL', a.id, pg_temp.moment(1736000000000 + p.number * 100)
FROM places AS p
JOIN offers AS o USING (account, slot)
JOIN (
    SELECT product_id, jsonb_agg(id ORDER BY position) AS ids FROM components GROUP BY product_id
) AS c ON c.product_id = pg_temp.id_of(1735689500000 + o.product, 'product ' || o.product)
JOIN people AS a ON a.account = p.account AND a.n = 1
ORDER BY p.number;
