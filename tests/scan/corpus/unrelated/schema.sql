-- IONOS v1: https://api.ionos.com/databases/postgresql
CREATE TABLE ionos_clusters (state text CHECK (state IN ('BUSY', 'AVAILABLE')));
