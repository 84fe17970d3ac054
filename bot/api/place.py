"""Where one API of one contract is, and how people call it."""

from dataclasses import dataclass
from urllib.parse import quote

from bot.domain import Api
from bot.errors import BadArgument


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One base address. `region` is spelt "de/fra" and is None for v1, which has no regions to address."""

    api: Api
    contract: str
    base: str
    region: str | None = None

    def __str__(self) -> str:
        region = f" {self.region}" if self.region else ""
        return f"{self.api}{region} (contract {self.contract})"


def segment(value: str) -> str:
    """One part of a path, quoted. Raises BadArgument for what would change the path: "", "." and ".."."""
    if value in {"", ".", ".."}:
        raise BadArgument("An id or name in an address must not be empty or made of dots.")
    return quote(value, safe="")
