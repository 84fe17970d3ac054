"""What v2 lacks of what the bot can do on v1, and what to do instead."""

from bot.domain.api_capabilities import LACKS, Operation
from bot.domain.cluster import Api

__all__ = ["Operation", "instead"]


def instead(operation: Operation) -> str:
    """The substitute on v2, in a sentence; empty for what v2 offers."""
    lack = LACKS.get((operation, Api.V2))
    return lack.substitute if lack else ""
