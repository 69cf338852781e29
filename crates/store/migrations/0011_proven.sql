-- What the percentages are at least and at most; NULL in assessments that were kept before this was asked.
ALTER TABLE assessment ADD COLUMN core_at_least DOUBLE PRECISION;
ALTER TABLE assessment ADD COLUMN core_at_most DOUBLE PRECISION;
ALTER TABLE assessment ADD COLUMN extended_at_least DOUBLE PRECISION;
ALTER TABLE assessment ADD COLUMN extended_at_most DOUBLE PRECISION;
