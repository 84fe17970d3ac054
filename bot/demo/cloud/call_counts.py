"""Counts of calls by operation and status, without their content."""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallKey:
    """One operation of one API in one region with one status, 0 for no answer."""

    api: str
    region: str
    method: str
    path: str
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
        """Count the request as finished."""
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

    def rows(self) -> list[dict[str, str | int]]:
        """Return one row per operation, region and status, in a stable order."""
        return [
            {
                "api": key.api,
                "region": key.region,
                "method": key.method,
                "path": key.path,
                "status": key.status,
                "count": number,
            }
            for key, number in sorted(
                self._counts.items(), key=lambda item: (*_sort_key(item[0]), item[0].status)
            )
        ]

    def reset(self) -> None:
        """Reset all counts, except of requests in flight."""
        self._counts.clear()
        self.most_in_flight = self._in_flight


def _sort_key(key: CallKey) -> tuple[str, str, str, str]:
    return key.api, key.region, key.path, key.method
