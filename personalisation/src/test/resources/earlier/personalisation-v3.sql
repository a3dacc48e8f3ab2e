-- A centre as a release with tables of V3 left it: a profile with a version to order and a draft, a partner, two ranges, an order that
-- waits for approval, and one whose file is ready.
insert into profile (name, version, state, body, created, created_by, published, published_by) values
    ('plain', 1, 'PUBLISHED',
     '{"name":"plain","cardKind":"UICC","authentication":{"algorithm":"milenage","operatorConstant":"laboratory"},"codes":{"PUK1":{"rule":"random-digits","length":8}},"keysets":[],"retain":["PUK1"],"recipients":[{"partner":"customer-care","share":"CUSTOMER_CARE"}]}',
     '2026-11-01T08:00:00Z', 'alice', '2026-11-01T09:00:00Z', 'bob'),
    ('plain', 2, 'DRAFT',
     '{"name":"plain","cardKind":"UICC","authentication":{"algorithm":"milenage","operatorConstant":"laboratory"},"codes":{"PUK1":{"rule":"random-digits","length":8}},"keysets":[],"retain":[]}',
     '2026-11-02T08:00:00Z', 'alice', null, null);

insert into partner (name, body, changed, changed_by) values
    ('customer-care', '{"name":"customer-care","transportKey":"care-out","certificate":"a certificate"}',
     '2026-11-01T08:00:00Z', 'operator');

insert into number_range (name, kind, operator, luhn, digits, first, past, created) values
    ('lab-iccid', 'ICCID', 'laboratory', true, 18, '890199000000000000', '0890199000010000000', '2026-11-01T08:00:00Z'),
    ('lab-imsi', 'IMSI', 'laboratory', true, 15, '001010000000001', '0001010010000001', '2026-11-01T08:00:00Z');

insert into card_order (id, idempotency_key, vendor, state, request, profile_name, profile_version, created, requested_by, changed)
values
    ('11111111-1111-4111-8111-111111111111', 'waiting', 'acme', 'REQUESTED',
     '{"idempotencyKey":"waiting","vendor":"acme","operator":"laboratory","profile":"plain","quantity":3,"iccids":"lab-iccid","imsis":"lab-imsi","transportKey":"acme-out","deliveryCertificate":"a certificate"}',
     'plain', 1, '2026-11-03T08:00:00Z', 'acme', '2026-11-03T08:00:00Z');

insert into card_order (id, idempotency_key, vendor, state, request, profile_name, profile_version, first_iccid, first_imsi, luhn,
    created, requested_by, changed)
values
    ('22222222-2222-4222-8222-222222222222', 'ready', 'acme', 'READY',
     '{"idempotencyKey":"ready","vendor":"acme","operator":"laboratory","profile":"plain","quantity":2,"iccids":"lab-iccid","imsis":"lab-imsi","transportKey":"acme-out","deliveryCertificate":"a certificate"}',
     'plain', 1, '890199000000000000', '001010000000001', true, '2026-11-02T08:00:00Z', 'acme', '2026-11-02T10:00:00Z');

insert into number_block (kind, digits, first, past, state, order_id) values
    ('ICCID', 18, '890199000000000000', '0890199000000000002', 'TAKEN', '22222222-2222-4222-8222-222222222222'),
    ('IMSI', 15, '001010000000001', '0001010000000003', 'TAKEN', '22222222-2222-4222-8222-222222222222');

insert into delivery (order_id, partner, state, plan, sha256, manifest_sha256, changed) values
    ('22222222-2222-4222-8222-222222222222', 'acme', 'READY',
     '{"partner":{"name":"acme","transportKey":"acme-out","certificate":"a certificate"},"share":"CARD_VENDOR"}',
     'abababababababababababababababababababababababababababababababab',
     'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '2026-11-02T10:00:00Z');

insert into order_event (order_id, number, at, actor, event, detail) values
    ('22222222-2222-4222-8222-222222222222', 1, '2026-11-02T08:00:00Z', 'acme', 'REQUESTED', '2 cards of profile plain/1'),
    ('22222222-2222-4222-8222-222222222222', 2, '2026-11-02T09:00:00Z', 'bob', 'GENERATING', 'approved'),
    ('22222222-2222-4222-8222-222222222222', 3, '2026-11-02T10:00:00Z', 'kiln', 'READY', 'all files ready');

insert into card (order_id, position, iccid, imsi, operator_keys) values
    ('22222222-2222-4222-8222-222222222222', 0, '8901990000000000003', '001010000000001', '{}'),
    ('22222222-2222-4222-8222-222222222222', 1, '8901990000000000011', '001010000000002', '{}');
