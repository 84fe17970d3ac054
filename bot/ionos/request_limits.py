"""Each API's limits, checked before anything is sent."""

from pydantic import SecretStr

from bot.domain.cluster import Api, host_region
from bot.domain.cluster_spec import ClusterChange, Credentials, NewCluster
from bot.domain.errors import BadArgument
from bot.ionos.credentials import REGIONS
from bot.ionos.v1 import requests as v1_requests
from bot.ionos.v2 import requests as v2_requests

_FITTING = SecretStr("Placeholder-0!")
"""A password that both APIs accept: the real one is resolved at execution."""


def check_change(api: Api, change: ClusterChange) -> None:
    """Check a change against the API's limits. Raises BadArgument or NotOffered."""
    if api is Api.V1:
        v1_requests.change_cluster(change)
    else:
        v2_requests.check_change(change)


def check_new(new: NewCluster, username: str, database: str | None, password: SecretStr = _FITTING) -> None:
    """Check a new cluster and its primary user against the API's limits, as `check_change`."""
    user = Credentials(username=username, password=password, database=database)
    if new.api is Api.V1:
        v1_requests.create_cluster(new, user)
        return
    if host_region(new.region) not in REGIONS:
        raise BadArgument("v2 has no such region.", f"Its regions are {', '.join(REGIONS)}.")
    v2_requests.create_cluster(new, user)


def check_user(name: str, password: SecretStr) -> None:
    """Check a new user against v1's limits, the only API with users. Raises BadArgument."""
    v1_requests.create_user(Credentials(username=name, password=password))


def check_database(name: str, owner: str) -> None:
    """Check a new database against v1's limits, the only API with databases. Raises BadArgument."""
    v1_requests.create_database(name, owner)
