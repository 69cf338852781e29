-- Types are TEXT, BIGINT and DOUBLE PRECISION only, so that the same file serves SQLite and PostgreSQL.
-- Instants are microseconds since 1970 UTC, days are days since 1970 UTC, -1 where there is none: sorting never leans on a collation.

CREATE TABLE tenant (
    id           TEXT   NOT NULL PRIMARY KEY,
    display_name TEXT   NOT NULL,
    industry     TEXT   NOT NULL,
    seats        BIGINT NOT NULL,
    invented     BIGINT NOT NULL,
    newest_day     BIGINT NOT NULL,
    newest_percent DOUBLE PRECISION NOT NULL
);

CREATE TABLE assessment (
    sequence          BIGINT NOT NULL PRIMARY KEY,
    id                TEXT   NOT NULL UNIQUE,
    tenant_id         TEXT   NOT NULL REFERENCES tenant (id),
    day               BIGINT NOT NULL,
    assessed_at       BIGINT NOT NULL,
    taken_at          BIGINT NOT NULL,
    taken_at_source   TEXT   NOT NULL,
    newest_of_day     BIGINT NOT NULL,
    cause             TEXT   NOT NULL,
    profile           TEXT   NOT NULL,
    catalogue_version TEXT   NOT NULL,
    config_hash       TEXT   NOT NULL,
    snapshot          TEXT   NOT NULL,
    evidence          TEXT   NOT NULL,
    active_users      BIGINT NOT NULL,
    core_percent           DOUBLE PRECISION NOT NULL,
    core_score             DOUBLE PRECISION NOT NULL,
    core_max               DOUBLE PRECISION NOT NULL,
    core_coverage          DOUBLE PRECISION NOT NULL,
    core_compat            DOUBLE PRECISION NOT NULL,
    core_planned           DOUBLE PRECISION NOT NULL,
    core_current_license   DOUBLE PRECISION NOT NULL,
    core_achievable        DOUBLE PRECISION NOT NULL,
    core_attested          DOUBLE PRECISION NOT NULL,
    extended_percent         DOUBLE PRECISION NOT NULL,
    extended_score           DOUBLE PRECISION NOT NULL,
    extended_max             DOUBLE PRECISION NOT NULL,
    extended_coverage        DOUBLE PRECISION NOT NULL,
    extended_compat          DOUBLE PRECISION NOT NULL,
    extended_planned         DOUBLE PRECISION NOT NULL,
    extended_current_license DOUBLE PRECISION NOT NULL,
    extended_achievable      DOUBLE PRECISION NOT NULL,
    extended_attested        DOUBLE PRECISION NOT NULL,
    has_p1            BIGINT NOT NULL,
    has_p2            BIGINT NOT NULL,
    settings          TEXT   NOT NULL,
    core_controls     TEXT   NOT NULL,
    extended_controls TEXT   NOT NULL,
    details           TEXT   NOT NULL
);
CREATE INDEX assessment_by_time ON assessment (tenant_id, assessed_at, sequence);
CREATE INDEX assessment_by_day ON assessment (tenant_id, newest_of_day, day);

CREATE TABLE action_update (
    sequence      BIGINT NOT NULL PRIMARY KEY,
    tenant_id     TEXT   NOT NULL REFERENCES tenant (id),
    control_id    TEXT   NOT NULL,
    status        TEXT   NOT NULL,
    note          TEXT   NOT NULL,
    owner         TEXT   NOT NULL,
    tags          TEXT   NOT NULL,
    approver      TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    due           BIGINT NOT NULL,
    expires       BIGINT NOT NULL,
    accepted_open BIGINT NOT NULL,
    updated_by    TEXT   NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX action_update_by_control ON action_update (tenant_id, control_id, sequence);

CREATE TABLE review (
    sequence    BIGINT NOT NULL PRIMARY KEY,
    tenant_id   TEXT   NOT NULL REFERENCES tenant (id),
    control_id  TEXT   NOT NULL,
    reviewed_by TEXT   NOT NULL,
    reviewed_at BIGINT NOT NULL,
    note        TEXT   NOT NULL
);
CREATE INDEX review_by_control ON review (tenant_id, control_id, reviewed_at);

CREATE TABLE attestation (
    sequence    BIGINT NOT NULL PRIMARY KEY,
    tenant_id   TEXT   NOT NULL REFERENCES tenant (id),
    control_id  TEXT   NOT NULL,
    owner       TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    expires     BIGINT NOT NULL,
    recorded_by TEXT   NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX attestation_by_control ON attestation (tenant_id, control_id, sequence);

CREATE TABLE recommendation_update (
    sequence          BIGINT NOT NULL PRIMARY KEY,
    tenant_id         TEXT   NOT NULL REFERENCES tenant (id),
    recommendation_id TEXT   NOT NULL,
    resource_id       TEXT   NOT NULL,
    status            TEXT   NOT NULL,
    reason            TEXT   NOT NULL,
    until             BIGINT NOT NULL,
    updated_by        TEXT   NOT NULL,
    updated_at        BIGINT NOT NULL
);
CREATE INDEX recommendation_update_by_id ON recommendation_update (tenant_id, recommendation_id, sequence);

CREATE TABLE token (
    id           TEXT   NOT NULL PRIMARY KEY,
    tenant_id    TEXT   NOT NULL REFERENCES tenant (id),
    name         TEXT   NOT NULL,
    scopes       TEXT   NOT NULL,
    hash         TEXT   NOT NULL UNIQUE,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    revoked_at   BIGINT NOT NULL
);

CREATE TABLE cohort_day (
    cohort TEXT   NOT NULL,
    day    BIGINT NOT NULL,
    tenants BIGINT NOT NULL,
    p25    DOUBLE PRECISION NOT NULL,
    median DOUBLE PRECISION NOT NULL,
    p75    DOUBLE PRECISION NOT NULL,
    scores TEXT   NOT NULL,
    PRIMARY KEY (cohort, day)
);

CREATE TABLE peer_average (
    tenant_id TEXT   NOT NULL REFERENCES tenant (id),
    day       BIGINT NOT NULL,
    basis     TEXT   NOT NULL,
    seats_from BIGINT NOT NULL,
    seats_to   BIGINT NOT NULL,
    overall_percent DOUBLE PRECISION NOT NULL,
    identity_score  DOUBLE PRECISION NOT NULL,
    identity_max    DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (tenant_id, day, basis, seats_from)
);

CREATE TABLE audit (
    sequence      BIGINT NOT NULL PRIMARY KEY,
    at            BIGINT NOT NULL,
    actor         TEXT   NOT NULL,
    tenant_id     TEXT   NOT NULL,
    action        TEXT   NOT NULL,
    subject       TEXT   NOT NULL,
    detail        TEXT   NOT NULL,
    previous_hash TEXT   NOT NULL,
    hash          TEXT   NOT NULL
);
