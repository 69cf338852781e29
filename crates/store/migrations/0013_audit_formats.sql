-- Entries of the log get the kind of who acts, a hash of what was said that stays when that is emptied, and their format. The table
-- is made anew, without defaults: a program of an older version that still runs is refused, rather than believed.

CREATE TABLE audit_of_two_formats (
    sequence      BIGINT NOT NULL PRIMARY KEY,
    at            BIGINT NOT NULL,
    actor_kind    TEXT   NOT NULL,
    actor         TEXT   NOT NULL,
    actor_id      TEXT   NOT NULL,
    tenant_id     TEXT   NOT NULL,
    action        TEXT   NOT NULL,
    subject       TEXT   NOT NULL,
    detail        TEXT   NOT NULL,
    detail_hash   TEXT   NOT NULL,
    previous_hash TEXT   NOT NULL,
    hash          TEXT   NOT NULL,
    format        BIGINT NOT NULL
);
-- The hashes of what was said are filled in by the step that seals the entries, which comes at once.
INSERT INTO audit_of_two_formats
    (sequence, at, actor_kind, actor, actor_id, tenant_id, action, subject, detail, detail_hash, previous_hash, hash, format)
    SELECT sequence, at, 'unknown', actor, '', tenant_id, action, subject, detail, '', previous_hash, hash, 1 FROM audit
    ORDER BY sequence;
DROP TABLE audit;
ALTER TABLE audit_of_two_formats RENAME TO audit;
CREATE INDEX audit_by_tenant ON audit (tenant_id, action, sequence);
