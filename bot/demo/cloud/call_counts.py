"""Counts of calls, and a journal of the mutating ones, so that tests can count repeated ones."""

from collections import Counter, deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_KEPT = 100_000


@dataclass(frozen=True, slots=True, order=True)
class CallKey:
    """One operation of one API in one region with one status, 0 for no answer."""

    api: str
    region: str
    path: str
    method: str
    status: int


class CallCounter:
    """A counter of all calls, answered or not."""

    def __init__(self) -> None:
        self._counts: Counter[CallKey] = Counter()
        self._in_flight = 0
        self.most_in_flight = 0

    def begin(self) -> None:
        """Count a request in flight; `end` must follow."""
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)

    def end(self, key: CallKey) -> None:
        self._in_flight -= 1
        self._counts[key] += 1

    def count(self, method: str = "", path: str = "", *, api: str = "", region: str = "") -> int:
        """Return the number of matching calls; an empty word matches all. `path` is the specification's."""
        filters = {"method": method, "path": path, "api": api, "region": region}
        return sum(
            number
            for key, number in self._counts.items()
            if all(not value or getattr(key, name) == value for name, value in filters.items())
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per operation, region and status, in a stable order."""
        return [asdict(key) | {"count": number} for key, number in sorted(self._counts.items())]

    def reset(self) -> None:
        """Reset all counts, except of requests in flight."""
        self._counts.clear()
        self.most_in_flight = self._in_flight


@dataclass(slots=True, kw_only=True)
class Post:
    """One request without its body. `path` is below the API's base, `id` its cluster or "".

    `at` is the virtual clock's. `status` is the answer's, even if it was cut; 0 without an answer.
    """

    at: datetime
    api: str
    region: str
    method: str
    path: str
    id: str
    status: int = 0


class PostBook:
    """The latest 100,000 requests, oldest first, refused and ignored ones included."""

    def __init__(self) -> None:
        self._posts: deque[Post] = deque(maxlen=_KEPT)

    def add(self, post: Post) -> None:
        self._posts.append(post)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per request, its time in ISO 8601."""
        return [asdict(post) | {"at": post.at.isoformat()} for post in self._posts]

    def reset(self) -> None:
        self._posts.clear()
