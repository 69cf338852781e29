-- What is told to somebody. Types as in the first file.

-- Up to which assessment a tenant was looked at.
CREATE TABLE alert_watched (
    tenant_id TEXT   NOT NULL PRIMARY KEY REFERENCES tenant (id),
    sequence  BIGINT NOT NULL
);

-- Exports that could not be kept, so that the service can tell; the tenant may be unknown.
CREATE TABLE import_failure (
    sequence  BIGINT NOT NULL PRIMARY KEY,
    tenant_id TEXT   NOT NULL,
    input     TEXT   NOT NULL,
    reason    TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    raised    BIGINT NOT NULL
);

CREATE TABLE alert_event (
    id        TEXT   NOT NULL PRIMARY KEY,
    event_key TEXT   NOT NULL UNIQUE,
    tenant_id TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    subject   TEXT   NOT NULL,
    about     TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    title     TEXT   NOT NULL,
    body      TEXT   NOT NULL,
    facts     TEXT   NOT NULL,
    raised_at BIGINT NOT NULL
);

CREATE TABLE alert_delivery (
    event_id   TEXT   NOT NULL REFERENCES alert_event (id),
    channel    TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    attempts   BIGINT NOT NULL,
    next_at    BIGINT NOT NULL,
    done_at    BIGINT NOT NULL,
    last_error TEXT   NOT NULL,
    PRIMARY KEY (event_id, channel)
);
CREATE INDEX alert_delivery_by_next ON alert_delivery (state, next_at);
