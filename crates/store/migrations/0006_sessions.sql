-- Who is signed in, and links that sign somebody in once. Only hashes of secrets are kept. Types as in the first file.

CREATE TABLE session (
    id           TEXT   NOT NULL PRIMARY KEY,
    hash         TEXT   NOT NULL UNIQUE,
    subject      TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    roles        TEXT   NOT NULL,
    origin       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    idle         BIGINT NOT NULL,
    ends_at      BIGINT NOT NULL,
    revoked_at   BIGINT NOT NULL
);
CREATE INDEX session_by_subject ON session (subject, created_at);

CREATE TABLE sign_in_link (
    hash       TEXT   NOT NULL PRIMARY KEY,
    subject    TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    roles      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
