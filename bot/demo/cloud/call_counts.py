"""Counts of calls by operation and answer. Nothing of what was sent is kept."""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallKey:
    """One operation of one API in one region, and one outcome: a status, or 0 for no answer."""

    api: str
    region: str
    method: str
    path: str
    status: int


class CallCounter:
    """Counts arrivals, whatever became of them."""

    def __init__(self) -> None:
        self._counts: Counter[CallKey] = Counter()
        self._in_flight = 0
        self.most_in_flight = 0

    def arrive(self) -> None:
        """Note that a request has arrived; `leave` must follow."""
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)

    def leave(self, key: CallKey) -> None:
        """Note that the request has been dealt with."""
        self._in_flight -= 1
        self._counts[key] += 1

    def count(self, method: str = "", path: str = "", *, api: str = "", region: str = "") -> int:
        """Count such calls; an empty word matches everything. `path` is as the spec writes it."""
        wanted = {"method": method, "path": path, "api": api, "region": region}
        return sum(
            number
            for key, number in self._counts.items()
            if all(not value or getattr(key, name) == value for name, value in wanted.items())
        )

    def rows(self) -> list[dict[str, str | int]]:
        """Return one row per operation, region and outcome, in a stable order."""
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
                self._counts.items(), key=lambda item: (*_place(item[0]), item[0].status)
            )
        ]

    def reset(self) -> None:
        """Forget all counts; requests in flight go on being counted."""
        self._counts.clear()
        self.most_in_flight = self._in_flight


def _place(key: CallKey) -> tuple[str, str, str, str]:
    return key.api, key.region, key.path, key.method
