SET session_replication_role = replica
;;
CREATE TEMP TABLE others AS SELECT n, md5('account ' || n)::uuid AS id FROM generate_series(1, 300) n
;;
INSERT INTO accounts SELECT o.id, 1, 'Other ' || o.n, 'other-' || o.n, a.plan, a.view, a.invitation_lifetime_days, a.allowed_invite_domains, a.default_locale,
    0, 0, 100, 0, 1, a.created_at FROM others o, accounts a WHERE a.id = {account}
;;
INSERT INTO account_slugs SELECT 'other-' || n, id FROM others
;;
CREATE TEMP TABLE people AS
SELECT {account} AS account_id, n, 'acme' AS slug, overlay(md5('user ' || n) PLACING lpad(to_hex(n), 8, '0') FROM 1)::uuid AS id FROM generate_series(1, 20000) n
UNION ALL
SELECT o.id, p.n, 'other-' || o.n, md5('user ' || o.n || ' ' || p.n)::uuid FROM others o, generate_series(1, 100) p (n)
;;
INSERT INTO identities SELECT id, 'user' || n || '@' || slug || '.example', 'user' || n || '@' || slug || '.example', NULL, now(), NULL FROM people WHERE n % 2 = 0
;;
INSERT INTO users
SELECT account_id, id, CASE WHEN n % 2 = 0 THEN id END, 1, 'user' || n || '@' || slug || '.example', 'user' || n || '@' || slug || '.example', n % 2 = 0,
    'User', n::text, 'user ' || n || ' user' || n || '@' || slug || '.example', 'USER', CASE WHEN n % 2 = 0 THEN 'ACTIVE' ELSE 'PENDING' END,
    'API', NULL, NULL, now() - n * interval '1 minute', CASE WHEN n % 2 = 0 THEN now() - n * interval '1 second' END, NULL, NULL,
    convert_to('user ' || n, 'UTF8'), convert_to(n || ' user', 'UTF8')
FROM people
;;
INSERT INTO user_directory SELECT account_id, id, id, 'user' || n || '@' || slug || '.example' FROM people WHERE n % 2 = 0
;;
INSERT INTO invitations
SELECT account_id, md5('invitation ' || id)::uuid, id, 'USER', CASE WHEN n % 2 = 0 THEN 'ACCEPTED' ELSE 'PENDING' END, 1, decode(md5(id::text), 'hex'), {admin}, NULL,
    now(), now() + CASE WHEN n % 2000 = 1 THEN interval '-1 day' ELSE interval '90 days' END, now(), 1, CASE WHEN n % 2 = 0 THEN now() END, NULL,
    CASE WHEN n % 500 = 1 THEN 'BOUNCED' ELSE 'SENT' END, now(), NULL FROM people
;;
INSERT INTO assignments
SELECT p.account_id, md5('seat ' || p.id)::uuid, 1, p.id, s.id, s.product_id, '[]', 'MANUAL', {admin}, now()
FROM people p, subscriptions s WHERE p.account_id = {account} AND s.account_id = {account} AND p.n % 2 = 0
;;
INSERT INTO assignments
SELECT account_id, md5('seat ' || id)::uuid, 1, id, md5('subscription ' || substr(slug, 7) || 1)::uuid, (SELECT id FROM products LIMIT 1), '[]', 'MANUAL', NULL, now()
FROM people WHERE account_id <> {account} AND n % 2 = 0
;;
INSERT INTO disabled_seats SELECT account_id, md5('disabled ' || id)::uuid, id, (SELECT id FROM products LIMIT 1), '[]', now() FROM people WHERE n % 4 = 1
;;
INSERT INTO sso_attempts SELECT account_id, md5('attempt ' || id)::uuid, id, 'SIGN_IN', NULL, '/', now(), now() - n * interval '1 minute', NULL FROM people
;;
INSERT INTO logout_tokens SELECT account_id, md5('logout ' || id)::uuid, id, decode(md5(id::text), 'hex'), now() - n * interval '1 minute' FROM people
;;
UPDATE subscriptions SET seats_used = 10000 WHERE account_id = {account}
;;
INSERT INTO sessions
SELECT account_id, md5('session ' || id || k)::uuid, id, NULL, NULL, id, 'PASSWORD', 1, now() - k * interval '20 days', now() - k * interval '20 days', now() - k * interval '20 days',
    now() - k * interval '20 days', now() - k * interval '20 days' + interval '30 days', CASE WHEN k > 0 THEN now() - k * interval '20 days' END, NULL, NULL
FROM people, generate_series(0, 3) k WHERE n % 2 = 0
;;
INSERT INTO sessions
SELECT {account}, md5('mine ' || k)::uuid, identity_id, NULL, NULL, id, 'PASSWORD', 1, now(), now(), now(), now(), now() + interval '30 days', now() - k * interval '1 hour', NULL, NULL
FROM users, generate_series(1, 1000) k WHERE account_id = {account} AND id = {admin}
;;
INSERT INTO mails
SELECT account_id, md5('mail ' || id || k)::uuid, 'old:' || id || k, 'invitation', 'user' || n || '@' || slug || '.example', NULL, CASE WHEN k = 0 THEN '{"kind": "x"}'::jsonb ELSE '{}'::jsonb END, 'SENT',
    now() - k * interval '25 days', 1, NULL, NULL, NULL, now() - k * interval '25 days', now() - k * interval '25 days'
FROM people, generate_series(0, 2) k
;;
INSERT INTO jobs (account_id, id, kind, subject_id, status, run_at, attempts, created_at, finished_at)
SELECT account_id, md5('job ' || id)::uuid, 'domain_check', id, 'DONE', now() - n * interval '5 minutes', 0, now() - n * interval '5 minutes', now() - n * interval '5 minutes' FROM people
;;
INSERT INTO notifications
SELECT account_id, md5('notification ' || id || k)::uuid, id, 'ROLE_CHANGED', 'INFO', 'x', 'x', NULL, now() - k * interval '30 days', CASE WHEN k > 0 THEN now() END
FROM people, generate_series(0, 2) k
;;
INSERT INTO notifications
SELECT {account}, md5('mine ' || k)::uuid, {admin}, 'IMPORT_FINISHED', 'INFO', 'x', 'x', NULL, now() - k * interval '1 hour', CASE WHEN k > 10 THEN now() END FROM generate_series(1, 2000) k
;;
INSERT INTO idempotency_keys SELECT account_id, md5('key ' || id)::uuid, 'key ' || id, 'users.invite', decode(md5('x'), 'hex'), NULL, now() - interval '1 hour' FROM people
;;
INSERT INTO audit_events SELECT account_id, md5('audit ' || id || k)::uuid, now() - k * interval '1 day', CASE WHEN n % 1000 = 1 THEN 'users.remove' ELSE 'users.invite' END,
    'USER', id, 'x', NULL, NULL, 'x', CASE WHEN n % 500 = 1 THEN 'DENIED' ELSE 'SUCCESS' END, jsonb_build_array('usr_' || id, 'acc_' || account_id), NULL
FROM people, generate_series(0, 2) k
;;
CREATE TEMP TABLE files AS
SELECT account_id, n, overlay(overlay(md5('import ' || account_id || n) PLACING '00000000' FROM 25) PLACING '0100' FROM 1)::uuid AS id, md5('upload ' || account_id || n)::uuid AS upload_id FROM people WHERE (slug = 'acme' AND n <= 1500) OR n <= 5
UNION ALL SELECT {account}, 0, {import}, md5('upload of it')::uuid
;;
INSERT INTO uploads
SELECT account_id, upload_id, {admin}, 'USER_IMPORT', 'CONSUMED', 'a.csv', 'text/csv', 1, 'x', 'uploads/' || account_id || '/' || upload_id, now() - interval '20 days', now() - interval '20 days' FROM files
;;
INSERT INTO imports (account_id, id, upload_id, created_by, kind, mode, on_error, send_invitations, status, phase, filename, object_key, sequence, processed, total, succeeded, failed, skipped,
    outcomes, created_at, started_at, updated_at, finished_at, objects_deleted_at)
SELECT account_id, id, upload_id, {admin}, 'USERS', 'APPLY', 'SKIP_FAILED', true, 'SUCCEEDED', 'DONE', 'a.csv', 'imports/x', 20, 20, 20, 20, 0, 0, '{}', now(), now(), now(),
    now() - CASE WHEN n = 0 THEN interval '1 hour' ELSE interval '40 days' END, CASE WHEN n > 0 THEN now() END FROM files
;;
INSERT INTO import_rows
SELECT f.account_id, overlay(f.id::text PLACING lpad(to_hex(l), 8, '0') FROM 29)::uuid, f.id, l, CASE WHEN l % 100 = 0 THEN 'FAILED' ELSE 'INVITED' END, false, '["a", "b", "c"]'::jsonb, NULL::uuid, NULL::jsonb
FROM files f, generate_series(2, 5001) l WHERE f.n = 0
UNION ALL
SELECT f.account_id, overlay(f.id::text PLACING lpad(to_hex(l), 8, '0') FROM 29)::uuid, f.id, l, 'INVITED', false, '["a", "b", "c"]'::jsonb, NULL::uuid, NULL::jsonb
FROM files f, generate_series(2, 21) l WHERE f.n BETWEEN 1 AND 1000
;;
INSERT INTO import_events
SELECT f.account_id, overlay(f.id::text PLACING lpad(to_hex(s), 8, '0') FROM 29)::uuid, f.id, s,
    '{"status": "RUNNING", "phase": "APPLYING", "processed": 1, "total": 20, "succeeded": 1, "failed": 0, "skipped": 0, "outcomes": {}, "lines": [2, 3]}'::jsonb, now()
FROM files f, generate_series(1, 20) s
;;
INSERT INTO sign_in_attempts SELECT md5('attempt ' || n)::uuid, decode(md5('key ' || n % 5000), 'hex'), now() - n * interval '1 second' FROM generate_series(1, 20000) n
;;
INSERT INTO subscriptions
SELECT o.id, md5('subscription ' || o.n || k)::uuid, 1, s.product_id, s.contract_id, s.state, 100, 0, 0, s.starts_on, s.ends_on, now() FROM others o, subscriptions s, generate_series(1, 10) k WHERE s.account_id = {account}
;;
INSERT INTO contracts SELECT o.id, md5('contract ' || o.n || k)::uuid, 'C-' || k, current_date, current_date + 100, true, NULL, NULL, NULL, now() FROM others o, generate_series(1, 10) k
;;
INSERT INTO domains (account_id, id, name, status, created_at, claim_ends_at, misses)
SELECT id, md5('domain ' || n || k)::uuid, 'd' || k || '.other-' || n || '.example', 'PENDING', now(), now() + interval '7 days', 0 FROM others, generate_series(1, 10) k
;;
INSERT INTO domain_owners SELECT name, account_id FROM domains
;;
INSERT INTO external_identities SELECT account_id, md5('link ' || id)::uuid, id, md5('provider ' || account_id)::uuid, 'https://login.example', id::text, now(), NULL FROM people WHERE n % 4 = 0
;;
CREATE TEMP TABLE used AS
SELECT p.account_id, p.id AS user_id, (SELECT id FROM products LIMIT 1) AS product_id, current_date - (k * 31 + (p.n % 7))::integer AS day
FROM people p, generate_series(0, 30) k WHERE p.n % 2 = 0 AND (k < 5 OR (k = 30 AND p.n % 50 = 0) OR p.slug <> 'acme')
;;
INSERT INTO usage_days SELECT account_id, md5('used ' || user_id || day)::uuid, user_id, product_id, day, 5, 1, 0, ''::bytea FROM used
;;
INSERT INTO usage_months SELECT account_id, md5('used ' || user_id || date_trunc('month', day))::uuid, user_id, product_id, date_trunc('month', day)::date, 1, 1, max(day), 5, 1, 0
FROM used GROUP BY account_id, user_id, product_id, date_trunc('month', day)
;;
INSERT INTO usage_totals SELECT account_id, md5('total of a ' || span || product_id || date_trunc(span, day) || account_id)::uuid, product_id, upper(span), date_trunc(span, day)::date, count(*), 5, 1, 0, now()
FROM used, unnest(ARRAY['day', 'week', 'month']) span GROUP BY account_id, product_id, span, date_trunc(span, day)
;;
CREATE TEMP TABLE spent AS
SELECT p.account_id, p.id AS user_id, (SELECT id FROM products LIMIT 1) AS product_id, row_number() OVER (PARTITION BY p.account_id ORDER BY p.n) AS number
FROM people p WHERE p.n % 2 = 0
;;
INSERT INTO credit_books SELECT account_id, account_id, count(*), 1000000 - count(*), 1000000, count(*), 0, 0, false, 0, 1000000, 0, '[80, 100]', now() FROM spent GROUP BY account_id
;;
INSERT INTO credit_lots SELECT b.account_id, md5('lot ' || b.account_id || k)::uuid, 1000000, CASE k WHEN 0 THEN b.balance ELSE 0 END, current_date + 100, now()
FROM credit_books b, generate_series(0, 50) k
;;
INSERT INTO credit_entries
SELECT s.account_id, (overlay(lpad(to_hex(s.number), 16, '0') || '-' || substr(s.account_id::text, 20) PLACING '-' FROM 9 FOR 0))::uuid, s.number, 'CONSUMPTION', -1, 1000000 - s.number,
    now() - (20000 - s.number) * interval '1 minute', s.user_id, s.product_id, current_date, NULL, NULL, NULL, NULL FROM spent s
;;
INSERT INTO api_tokens SELECT id, md5('token ' || n || k)::uuid, 'x', 'mst_x', decode(md5('secret ' || n || k), 'hex'), '["USERS_READ"]', id, now(), now() + interval '100 days', NULL, NULL FROM others, generate_series(1, 10) k
;;
SET session_replication_role = DEFAULT
;;
VACUUM ANALYZE
