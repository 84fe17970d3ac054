"""What would be sent to create a cluster on v2, for showing it: built by the client's own strict models."""

from collections.abc import Mapping
from typing import Any

from bot.domain.cluster_spec import Credentials, NewCluster
from bot.ionos.v2.requests import create_cluster

__all__ = ["new_cluster_body"]


def new_cluster_body(new: NewCluster, credentials: Credentials) -> Mapping[str, Any]:
    """The JSON body of v2's POST /clusters, the password in it. Raises BadArgument for what v2 refuses."""
    return create_cluster(new, credentials)
