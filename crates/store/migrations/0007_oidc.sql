-- People on their way to an identity provider and back. `state` and `browser` are hashes. A row is taken away by its one use.
-- Types as in the first file.

CREATE TABLE sign_in_attempt (
    state    TEXT   NOT NULL PRIMARY KEY,
    browser  TEXT   NOT NULL,
    nonce    TEXT   NOT NULL,
    verifier TEXT   NOT NULL,
    back     TEXT   NOT NULL,
    ends_at  BIGINT NOT NULL
);
CREATE INDEX sign_in_attempt_by_end ON sign_in_attempt (ends_at);
