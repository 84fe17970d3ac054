"""Remedies with the cluster's own values in their lines, ready to be copied."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import replace

from bot.domain.cluster import Cluster
from bot.domain.text_safety import visible
from migrations.rule import Remedy

_PLACEHOLDER = re.compile(r"\{(name|id|region)\}")


def fill_remedy(remedy: Remedy, cluster: Cluster, *, by_id: bool = False) -> Remedy:
    """Return the remedy for this cluster.

    The id takes the place of the name with `by_id`, and where the name could not be typed or would be taken
    for a flag.
    """
    name = cluster.id if by_id or not _can_be_typed(cluster.name) else cluster.name
    return fill_placeholders(remedy, {"name": name, "id": cluster.id, "region": cluster.region})


def fill_placeholders(remedy: Remedy, values: Mapping[str, str]) -> Remedy:
    """Fill in name, id and region: quoted for a shell in `command` and `ionosctl`.

    In `sql` a value has its single quotes doubled, for use inside a literal.
    """
    in_shell = {key: shlex.quote(visible(value)) for key, value in values.items()}
    in_sql = {key: visible(value).replace("'", "''") for key, value in values.items()}
    return replace(
        remedy,
        command=_fill_line(in_shell, remedy.command),
        ionosctl=_fill_line(in_shell, remedy.ionosctl),
        sql=_fill_line(in_sql, remedy.sql),
    )


def _can_be_typed(name: str) -> bool:
    return bool(name) and name.isprintable() and not name.startswith("-")


def _fill_line(values: Mapping[str, str], line: str) -> str:
    # In one pass, so that a cluster named {id} stays what it is.
    return _PLACEHOLDER.sub(lambda found: values[found.group(1)], line)
