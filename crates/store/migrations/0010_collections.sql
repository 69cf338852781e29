-- Tenants that are collected from Microsoft Graph on a schedule, and each run. No secret: `credential` is a name in collect.toml.

CREATE TABLE collection_connection (
    tenant_id  TEXT   NOT NULL PRIMARY KEY REFERENCES tenant (id),
    domain     TEXT   NOT NULL,
    credential TEXT   NOT NULL,
    every      BIGINT NOT NULL,
    paused     BIGINT NOT NULL,
    next_at    BIGINT NOT NULL,
    failures   BIGINT NOT NULL
);

CREATE TABLE collection_run (
    id            TEXT   NOT NULL PRIMARY KEY,
    tenant_id     TEXT   NOT NULL REFERENCES tenant (id),
    started_at    BIGINT NOT NULL,
    alive_at      BIGINT NOT NULL,
    finished_at   BIGINT NOT NULL,
    outcome       TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    data_sets     TEXT   NOT NULL,
    assessment_id TEXT   NOT NULL
);
CREATE INDEX collection_run_by_tenant ON collection_run (tenant_id, started_at);
