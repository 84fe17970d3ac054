"""One API of one contract: its base address, and its name for people."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import takewhile
from urllib.parse import quote

from bot.domain.cluster import Api, Gap, host_region
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

    def gap(self, why: str) -> Gap:
        """Return the gap that it leaves for this reason."""
        return Gap(where=str(self), why=why, api=self.api, contract=self.contract, region=self.region)

    def find_other_region(
        self, *, hrefs: Iterable[str | None] = (), regions: Iterable[str | None] = ()
    ) -> str:
        """Return the first region that an answer states by an address of this API or in words, and that this
        endpoint does not serve; "" for none, and on v1, which serves all."""
        if self.region is None:
            return ""
        stated = (*regions, *map(self._region_in, hrefs))
        others = (each for each in stated if each and each != self.region)
        return next((each for each in others if host_region(each) != self.region), "")

    def _region_in(self, href: str | None) -> str | None:
        """Return the region in an address that is formed as this endpoint's, None in any other."""
        if href and href.startswith(f"{self.base}/"):
            return self.region  # nearly always: a fleet has many thousand addresses
        before, label, after = self.base.partition((self.region or "").replace("/", "-"))
        if not href or not label or not href.startswith(before):
            return None
        rest = href[len(before) :]
        stated = "".join(takewhile(lambda char: char.isalnum() or char == "-", rest))
        return stated.replace("-", "/") if rest[len(stated) :].startswith(after or "/") else None


def region_in_urn(urn: str | None) -> str | None:
    """Return the region in a URN: ionos:postgresql:<region>:<contract>:<resource> (notes section 9)."""
    parts = (urn or "").split(":")
    return parts[2].replace("-", "/") or None if len(parts) >= 5 and parts[1] == "postgresql" else None


def quote_segment(value: str) -> str:
    """Return one quoted path segment. Raises BadArgument for "", "." and "..", which change the path."""
    if value in {"", ".", ".."}:
        raise BadArgument("An id or name in an address must not be empty or consist of dots.")
    return quote(value, safe="")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRefusal(Gap):
    """An endpoint that returned no list, with the next step for the reader where it is known.

    `is_passing`: it did not respond now, which says nothing about the credentials. Two with the same endpoint
    and reason are the same gap, whichever has the next step.
    """

    step: str = field(default="", compare=False)
    is_passing: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        step = f". {self.step.removesuffix('.')}" if self.step else ""
        return f"{self.where}: {self.why}{step}"
