"""Attribution of a use to a cluster, by an id or a whole name in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownCluster:
    """A cluster that uses may be attributed to."""

    id: str
    name: str


def match_cluster(values: Iterable[str], known: Sequence[KnownCluster]) -> str | None:
    """Return the id of the one known cluster that the values name; None for none, and for more than one.

    An id may stand inside a value, as it does in a backup's id; a name must be the whole value.
    """
    texts = [value.strip().casefold() for value in values]
    by_id = {each.id for each in known if any(each.id.casefold() in text for text in texts)}
    named = by_id or {each.id for each in known if each.name.casefold() in texts}
    return named.pop() if len(named) == 1 else None
