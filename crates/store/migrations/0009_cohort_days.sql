-- A comparison reads a year of three cohorts. Days of one cohort come one by one, between those of all others, so that each lay in a
-- page of its own; thirty days of a cohort in one text lie side by side.

-- The distributions of a cohort on thirty days, as JSON without the outer brackets: [day, tenants, p25, median, p75, scores],…
CREATE TABLE cohort_days (
    cohort        TEXT   NOT NULL,
    first_day     BIGINT NOT NULL,
    distributions TEXT   NOT NULL,
    PRIMARY KEY (cohort, first_day)
);
INSERT INTO cohort_days (cohort, first_day, distributions)
SELECT cohort, day - day % 30, string_agg(distribution, ',') FROM cohort_distribution GROUP BY cohort, day - day % 30;
DROP TABLE cohort_distribution;
