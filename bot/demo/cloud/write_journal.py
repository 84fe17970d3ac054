"""Every request to change something, as it arrived, so that a test can count doubles."""

from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_KEPT = 100_000


@dataclass(slots=True, kw_only=True)
class Post:
    """One arrival, never what was sent. `path` is below the API's base, `id` the cluster it names or "".

    `at` is the virtual clock's. `status` is that of the answer, were it cut; 0 before there is one, and if
    there never was.
    """

    at: datetime
    api: str
    region: str
    method: str
    path: str
    id: str
    status: int = 0


class PostBook:
    """The latest hundred thousand, oldest first, refused and ignored ones included."""

    def __init__(self) -> None:
        self._posts: deque[Post] = deque(maxlen=_KEPT)

    def add(self, post: Post) -> None:
        self._posts.append(post)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per request, its time in ISO 8601."""
        return [asdict(post) | {"at": post.at.isoformat()} for post in self._posts]

    def reset(self) -> None:
        """Forget all of them."""
        self._posts.clear()
