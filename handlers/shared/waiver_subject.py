"""The subject of a waiver: the rule, and the cluster or all of them, from what somebody typed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, Picks, Positional
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import Denied, NoSuchThing
from bot.domain.migration_records import Waiver
from bot.domain.nearest_names import nearest_name
from bot.domain.phrases import quote_text
from handlers.shared.audit_visibility import sees_everything
from migrations.readiness import ALL_CLUSTERS
from migrations.rule import Rule


class WaiverArguments(Arguments):
    rule: Annotated[str, Positional(), InForm(hint="", example="PGR020")]
    """Id of the rule, such as PGR020"""
    cluster: Annotated[str, Positional(), Picks("cluster"), InForm(hint="Type part of its name.")]
    """Cluster name or id, or * for all"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRecord:
    """A waiver. `cluster` is an id, * for all of them, or a name pattern of app.yaml, which has no
    `cluster_name`. `owner` is a Slack user id, or as app.yaml has it."""

    rule: str
    cluster: str
    cluster_name: str | None
    until: datetime
    owner: str
    reason: str
    is_expired: bool
    is_in_app_yaml: bool

    @classmethod
    def of(
        cls, waiver: Waiver, now: datetime, name: str | None, *, is_in_app_yaml: bool = False
    ) -> "WaiverRecord":
        """Return the record of a waiver of the cluster of this name."""
        return cls(
            rule=waiver.rule,
            cluster=waiver.cluster,
            cluster_name=name if waiver.cluster != ALL_CLUSTERS else None,
            until=waiver.until,
            owner=waiver.owner,
            reason=waiver.reason,
            is_expired=waiver.until <= now,
            is_in_app_yaml=is_in_app_yaml,
        )


def find_rule(typed: str, rules: Iterable[Rule]) -> Rule:
    """Return the rule of that id, in any case. Raises NoSuchThing with what was perhaps meant."""
    by_id = {rule.id: rule for rule in rules}
    found = by_id.get(typed.strip().upper())
    if found is None:
        near = nearest_name(typed, by_id, 60)
        hint = f"Did you mean {near}? " if near else ""
        raise NoSuchThing(
            ErrorCode.RULE_NOT_FOUND,
            f"There is no readiness rule {quote_text(typed)}.",
            f"{hint}“migration rules” lists all rules.",
        )
    return found


async def find_subject(typed: str, ctx: Context) -> tuple[str, str]:
    """Return id and name of the cluster; * is for those who may see all of them. Raises Denied."""
    if typed.strip() != ALL_CLUSTERS:
        cluster = await ctx.cluster(typed)
        return cluster.id, cluster.name
    if not sees_everything(ctx):
        raise Denied(
            "You can waive a rule for all clusters only if you may see every cluster.",
            "Name a single cluster.",
        )
    return ALL_CLUSTERS, "all clusters"
