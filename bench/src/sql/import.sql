-- One account with an administrator, one product and room for everybody: what an import of 5,000 people starts from.

INSERT INTO accounts VALUES ('00000000-0000-7000-8000-000000000001', 1, 'Company 1', 'company-1', 'STANDARD', 'CURRENT', 90, '[]', 'en',
    0, 0, 1, 0, 1, now(), 1);
INSERT INTO identities VALUES ('00000000-0000-7000-8000-000000000002', 'admin@company-1.example', 'admin@company-1.example', NULL, now(), now());
INSERT INTO users (account_id, id, identity_id, version, email, email_key, email_verified, given_name, family_name, given_key, family_key, search_text, role, status, origin,
    created_at) VALUES ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000002', 1,
    'admin@company-1.example', 'admin@company-1.example', true, 'Ada', 'Admin', 'ada admin', 'admin ada', 'ada admin admin@company-1.example',
    'PRIMARY_ADMIN', 'ACTIVE', 'INVITATION', now());
INSERT INTO account_slugs (slug, account_id) SELECT slug, id FROM accounts;
INSERT INTO user_directory (account_id, user_id, identity_id, email_key) SELECT account_id, id, identity_id, email_key FROM users;
INSERT INTO products VALUES ('00000000-0000-7000-8000-000000000004', 'product-1', 'Product 1', 'COLLECTION', NULL, now());
INSERT INTO components VALUES
    ('00000000-0000-7000-8000-000000000005', '00000000-0000-7000-8000-000000000004', 'part-1', 'Part 1', NULL, true, true, 1),
    ('00000000-0000-7000-8000-000000000006', '00000000-0000-7000-8000-000000000004', 'part-2', 'Part 2', NULL, false, true, 2);
INSERT INTO contracts VALUES ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000007', 'C-1',
    current_date - 1, current_date + 365, true, NULL, NULL, NULL, now());
INSERT INTO subscriptions VALUES ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000008', 1,
    '00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000007', 'ACTIVE', 10000, 0, 0,
    current_date - 1, current_date + 365, now());
