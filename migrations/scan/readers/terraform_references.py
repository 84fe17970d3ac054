"""References between Terraform's resources: a user's block names its cluster's block, which has its name."""

import re
from collections.abc import Iterable

_REFERENCE = re.compile(r"(?<![\w.])(?:data\.)?(?P<type>ionoscloud_pg_clusters?)\.(?P<name>\w+)")


class ClusterReferences:
    """The texts of each cluster's block, by its address in the configuration."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[str, ...]] = {}

    def add(self, type_: str, name: str, texts: Iterable[str]) -> None:
        """Remember a block of v1's types."""
        self._texts[f"{type_}.{name}"] = tuple(texts)

    def resolve(self, values: tuple[str, ...], expressions: Iterable[str]) -> tuple[str, ...]:
        """Return the values and those of the clusters that the expressions refer to."""
        found = (each for text in expressions for each in _REFERENCE.finditer(text))
        referred = {f"{each['type']}.{each['name']}" for each in found}
        return (*values, *(text for name in sorted(referred) for text in self._texts.get(name, ())))
