"""A stand-in for the two IONOS Cloud DBaaS PostgreSQL APIs, with state on a virtual clock."""
