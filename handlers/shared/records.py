"""Records that the results of several commands have in common."""

from dataclasses import dataclass, fields

from bot.domain.cluster import Cluster
from bot.settings.model import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedCluster(Cluster):
    """A cluster with what app.yaml says of it: its owner and tier, null where it says nothing."""

    owner: str | None
    tier: str | None

    @classmethod
    def of(cls, cluster: Cluster, tags: Tags) -> "TaggedCluster":
        """Return the cluster with these tags."""
        known = {each.name: getattr(cluster, each.name) for each in fields(Cluster)}
        return cls(**known, owner=tags.owner, tier=tags.tier)
