"""Each API's limits for what is sent, asked before anything is."""

from bot.api import v1_send, v2_put
from bot.domain import Api
from bot.wanted import ClusterChange


def check_change(api: Api, change: ClusterChange) -> None:
    """Hold a change against the API's limits. Raises BadArgument or NotOffered, before any call."""
    if api is Api.V1:
        v1_send.change_cluster(change)
    else:
        v2_put.check_change(change)
