"""A simulator of the two IONOS Cloud DBaaS PostgreSQL APIs, with its state on a virtual clock."""
