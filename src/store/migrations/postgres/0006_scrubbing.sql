-- What old pages still hold: one row, with the transaction after which they had to be overwritten; NULL once they were.
CREATE TABLE scrubbing (
    id      BIGINT PRIMARY KEY,
    erasure TEXT
);
INSERT INTO scrubbing (id, erasure) VALUES (1, NULL);
