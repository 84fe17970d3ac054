local base = "https://api.ionos.com/databases/postgresql" -- the only one
-- local old = "https://api.ionos.com/databases/postgresql"
