-- What old pages still hold: one row, with the last change after which they had to be overwritten; NULL once they were.
CREATE TABLE scrubbing (
    id      INTEGER PRIMARY KEY,
    erasure TEXT
);
INSERT INTO scrubbing (id, erasure) VALUES (1, NULL);
