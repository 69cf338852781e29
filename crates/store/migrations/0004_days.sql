-- A year of a tenant or a cohort is read at once, so a day of it lies in one text instead of two dozen columns of a wide row.

-- The assessment that stands for a day: what a trend says of it, as JSON.
CREATE TABLE tenant_day (
    tenant_id TEXT   NOT NULL REFERENCES tenant (id),
    day       BIGINT NOT NULL,
    headline  TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, day)
);
INSERT INTO tenant_day (tenant_id, day, headline)
SELECT tenant_id, day,
    '{"id":"' || id || '","day":' || day || ',"assessedAt":' || assessed_at || ',"cause":"' || cause
    || '","catalogueVersion":"' || catalogue_version || '","configHash":"' || config_hash
    || '","core":{"percent":' || core_percent || ',"currentScore":' || core_score || ',"maxScore":' || core_max
    || ',"coverage":' || core_coverage || ',"compatPercent":' || core_compat || ',"plannedPercent":' || core_planned
    || ',"currentLicensePercent":' || core_current_license || ',"achievablePercent":' || core_achievable
    || ',"attestedPercent":' || core_attested
    || '},"extended":{"percent":' || extended_percent || ',"currentScore":' || extended_score
    || ',"maxScore":' || extended_max || ',"coverage":' || extended_coverage || ',"compatPercent":' || extended_compat
    || ',"plannedPercent":' || extended_planned || ',"currentLicensePercent":' || extended_current_license
    || ',"achievablePercent":' || extended_achievable || ',"attestedPercent":' || extended_attested || '}}'
FROM assessment WHERE newest_of_day = 1;

-- The distribution of a cohort on a day, as JSON: [day, tenants, p25, median, p75, [scores]].
CREATE TABLE cohort_distribution (
    cohort       TEXT   NOT NULL,
    day          BIGINT NOT NULL,
    distribution TEXT   NOT NULL,
    PRIMARY KEY (cohort, day)
);
INSERT INTO cohort_distribution (cohort, day, distribution)
SELECT cohort, day,
    '[' || day || ',' || tenants || ',' || p25 || ',' || median || ',' || p75 || ',' || scores || ']'
FROM cohort_day;
DROP TABLE cohort_day;
