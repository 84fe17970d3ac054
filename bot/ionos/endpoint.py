"""One API of one contract: its base address, and its name for people."""

from dataclasses import dataclass, field
from urllib.parse import quote

from bot.domain.cluster import Api, Gap
from bot.domain.errors import BadArgument


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A base address. `region` is spelt "de/fra", None for v1, which has no regional addresses."""

    api: Api
    contract: str
    base: str
    region: str | None = None

    def __str__(self) -> str:
        region = f" {self.region}" if self.region else ""
        return f"{self.api}{region} (contract {self.contract})"


def quote_segment(value: str) -> str:
    """Return one quoted path segment. Raises BadArgument for "", "." and "..", which change the path."""
    if value in {"", ".", ".."}:
        raise BadArgument("An id or name in an address must not be empty or made of dots.")
    return quote(value, safe="")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRefusal(Gap):
    """An endpoint that returned no list, with the next step for the reader where it is known.

    Two with the same endpoint and reason are the same gap, whichever has the next step.
    """

    step: str = field(default="", compare=False)

    def __str__(self) -> str:
        step = f". {self.step.removesuffix('.')}" if self.step else ""
        return f"{self.where}: {self.why}{step}"
