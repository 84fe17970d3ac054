"""A journal of every mutating request, so that tests can count repeated ones."""

from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_KEPT = 100_000


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
        """Remove all requests."""
        self._posts.clear()
