"""The matching of method and path to an operation, with the path's parameters."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.demo.cloud.call import SpecOperation


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """The operation of a request. `path` is the specification's, or "(unknown)"."""

    path: str
    operation: SpecOperation | None
    params: dict[str, str]
    allowed: tuple[str, ...] = ()


class Routes:
    """The paths of one API. A fixed word wins over a parameter: `/clusters/backups` is not a cluster."""

    def __init__(self, operations: Sequence[SpecOperation]) -> None:
        paths = {operation.path for operation in operations}
        self._templates = sorted(
            (tuple(path.strip("/").split("/")) for path in paths),
            key=lambda words: [word.startswith("{") for word in words],
        )
        self._operations = {(operation.path, operation.method): operation for operation in operations}

    def match(self, method: str, segments: Sequence[str]) -> RouteMatch:
        """Match a request. An unknown path has no operation and no allowed methods."""
        for words in self._templates:
            params = _params(words, segments)
            if params is None:
                continue
            path = "/" + "/".join(words)
            allowed = tuple(sorted(verb for known, verb in self._operations if known == path))
            return RouteMatch(path, self._operations.get((path, method)), params, allowed)
        return RouteMatch("(unknown)", None, {})


def _params(words: Sequence[str], segments: Sequence[str]) -> dict[str, str] | None:
    if len(words) != len(segments):
        return None
    params = {}
    for word, segment in zip(words, segments, strict=True):
        if word.startswith("{") and segment:
            params[word[1:-1]] = segment
        elif word != segment:
            return None
    return params
