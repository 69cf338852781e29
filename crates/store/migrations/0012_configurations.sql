-- The configuration by which each tenant is judged where nothing else is named: the one of its last assessment.

CREATE TABLE configuration (
    tenant_id     TEXT   NOT NULL PRIMARY KEY REFERENCES tenant (id),
    configuration TEXT   NOT NULL,
    hash          TEXT   NOT NULL,
    set_by        TEXT   NOT NULL,
    set_at        BIGINT NOT NULL
);
