"""Talks to v2. Until May it used https://api.ionos.com/databases/postgresql with ionoscloud_dbaas_postgres."""

# import ionoscloud_dbaas_postgres
# requests.patch("https://api.ionos.com/databases/postgresql/clusters/1")


def main() -> None:
    """Replace the former ionosctl dbaas postgres cluster list."""
