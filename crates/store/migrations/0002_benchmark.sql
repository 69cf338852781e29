-- A month of tenants that was written into a file for other organisations, and what that cost of their privacy.
CREATE TABLE benchmark_export (
    sequence BIGINT NOT NULL PRIMARY KEY,
    month    BIGINT NOT NULL,
    invented BIGINT NOT NULL,
    grouped_by TEXT NOT NULL,
    epsilon  DOUBLE PRECISION NOT NULL,
    written_at BIGINT NOT NULL
);

-- Cells of files that other organisations wrote. `file` is the hash of the file's bytes.
CREATE TABLE benchmark_cell (
    file     TEXT   NOT NULL,
    source   TEXT   NOT NULL,
    written_on BIGINT NOT NULL,
    month    BIGINT NOT NULL,
    invented BIGINT NOT NULL,
    epsilon  DOUBLE PRECISION NOT NULL,
    industry TEXT   NOT NULL,
    seats    TEXT   NOT NULL,
    tenants  BIGINT NOT NULL,
    bins     TEXT   NOT NULL,
    PRIMARY KEY (file, industry, seats)
);
CREATE INDEX benchmark_cell_by_group ON benchmark_cell (industry, seats, month);
