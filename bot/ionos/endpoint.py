"""Where one API of one contract is, and how people call it."""

from dataclasses import dataclass, field
from urllib.parse import quote

from bot.domain.cluster import Api, Gap
from bot.domain.errors import BadArgument


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRefusal(Gap):
    """A place that was asked and gave no list, and what the reader can do about it where that is said.

    Two of the same place and reason are the same gap, whichever of them says what to do.
    """

    step: str = field(default="", compare=False)

    def __str__(self) -> str:
        step = f". {self.step.removesuffix('.')}" if self.step else ""
        return f"{self.where}: {self.why}{step}"
