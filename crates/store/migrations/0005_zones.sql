-- Where the score begins to be okay and good, in percent, by the organisation's own thresholds. Types as in the first file.

ALTER TABLE tenant ADD COLUMN zone_okay BIGINT NOT NULL DEFAULT 50;
ALTER TABLE tenant ADD COLUMN zone_good BIGINT NOT NULL DEFAULT 75;
