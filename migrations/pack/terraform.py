"""Terraform that lets go of the v1 resources and adopts the cluster as a v2 one, without touching it.

Sources: the provider's guide for moving to `ionoscloud_pg_cluster_v2` and that resource's page (6.7.34): the
same id on both sides, `moved` does not work, v2 has no resource for users and databases, the password is
write-only. Terraform's own: `removed` since 1.7, an expression as the id of `import` since 1.6, ephemeral
variables since 1.10, write-only arguments since 1.11.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.domain.cluster_properties import SWITCHES
from bot.domain.text_safety import visible
from migrations.facts import ClusterFacts, MissingFact, is_own
from migrations.pack.placeholders import CLUSTER_ID, HOST, PASSWORD, REGION, Blank
from migrations.pack.quoting import hcl
from migrations.pack.target_cluster import TargetCluster

PROVIDER_VERSION = "6.7.34"
"""The least release of the provider whose resource has the arguments that the pack writes."""
TERRAFORM_VERSION = "1.11.0"
"""The least release of Terraform that knows write-only arguments."""

_INDENT = "  "

_PLAIN = (
    ("name", "name"),
    ("description", "description"),
    ("version", "version"),
    ("location", ""),
    ("replication_mode", "replicationMode"),
    ("connection_pooler", "connectionPooler"),
    *((each.field, each.v2) for each in SWITCHES),
)
_OBJECTS = (
    ("backup", "backup", ("location", "retentionDays")),
    ("instances", "instances", ("count", "cores", "ram", "storageSize")),
    ("connections", "connection", ("datacenterId", "lanId", "primaryInstanceAddress")),
    ("maintenance_window", "maintenanceWindow", ("time", "dayOfTheWeek")),
)
"""The resource's attributes, and where v2's properties have them; attributes within them are called alike."""


def label(name: str, kind: str = "cluster") -> str:
    """Return a name for a resource, made from the thing's own."""
    word = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-")
    return word if re.match(r"[A-Za-z]", word) else f"{kind}_{word}".rstrip("_")


def render(facts: ClusterFacts, target: TargetCluster, properties: Mapping[str, Any]) -> str:
    """Return `adopt_v2.tf`, in the layout of `terraform fmt`."""
    called = label(target.new.name if target.blank("name") is None else "")
    variables = [_variable(each) for each in target.blanks if each.name != HOST.name]
    removed = [_remove(each) for each in _v1_resources(facts)]
    missing = [
        f"# v1's {kind}s could not be read: {visible(listed.why)}\n"
        for kind, listed in facts.accounts.items()
        if isinstance(listed, MissingFact)
    ]
    head = _HEAD.format(called=called)
    return "\n".join(
        (head, *variables, *removed, *missing, _import(target, called), _resource(target, called, properties))
    )


_HEAD = """\
# Imports the cluster as a v2 resource once v2 shows it. It destroys nothing.
#
# 1. The names in the removed blocks are proposals. Compare them with `terraform state list`: every
#    ionoscloud_pg_cluster, ionoscloud_pg_user and ionoscloud_pg_database of this cluster needs a removed
#    block here. Delete their resource blocks from your code. In a module the address begins with module.NAME.
#    Without its removed block, Terraform would drop a user or a database from the live cluster.
# 2. v2 has no Terraform resource for users and databases. Manage them with SQL.
# 3. Point every reference to the old resources to ionoscloud_pg_cluster_v2.{called}.
# 4. The plan must say: 1 to import, 0 to add, 1 to change, 0 to destroy. The only change is the credentials.
#    Do not apply anything else.
"""

VERSIONS = f"""\
# If your code already has a required_providers block, delete this file and set the versions there.
terraform {{
  required_version = ">= {TERRAFORM_VERSION}"

  required_providers {{
    ionoscloud = {{
      source  = "ionos-cloud/ionoscloud"
      version = ">= {PROVIDER_VERSION}"
    }}
  }}
}}
"""
"""The text of `provider_v2.tf`."""


def _v1_resources(facts: ClusterFacts) -> Iterator[str]:
    """Yield the proposed address of every v1 resource, each once."""
    yield f"ionoscloud_pg_cluster.{label(facts.cluster.name)}"
    for kind, listed in facts.accounts.items():
        things = () if isinstance(listed, MissingFact) else listed
        # One whose owner v1 does not say may be in the state: removing what is not there does nothing.
        names = sorted({each.name for each in things if is_own(each) is not False})
        yield from (f"ionoscloud_pg_{kind}.{each}" for each in _distinct_labels(kind, names))


def _distinct_labels(kind: str, names: Iterable[str]) -> Iterator[str]:
    used: set[str] = set()
    for name in names:
        first = label(name, kind)
        numbered = (f"{first}_{number}" for number in itertools.count(2))
        chosen = next(each for each in itertools.chain((first,), numbered) if each not in used)
        used.add(chosen)
        yield chosen


def _remove(address: str) -> str:
    return f"""\
removed {{
  from = {address}
  lifecycle {{
    destroy = false
  }}
}}
"""


def _variable(blank: Blank) -> str:
    rows = [
        ("description", hcl(blank.ask)),
        ("type", "number" if isinstance(blank.sample, int) else "string"),
    ]
    if blank.path == PASSWORD.path:
        # Neither the plan nor the state holds an ephemeral value.
        rows += [("sensitive", "true"), ("ephemeral", "true")]
    return "\n".join((f'variable "{_named(blank)}" {{', *_aligned(rows, 1), "}", ""))


def _import(target: TargetCluster, called: str) -> str:
    blanks = {each.name: f"${{var.{_named(each)}}}" for each in target.blanks}
    region = blanks.get(REGION.name, target.new.region)
    cluster_id = blanks.get(CLUSTER_ID.name, hcl(target.cluster_id)[1:-1])
    return f"""\
import {{
  to = ionoscloud_pg_cluster_v2.{called}
  id = "{region}:{cluster_id}"
}}
"""


def _resource(target: TargetCluster, called: str, properties: Mapping[str, Any]) -> str:
    lines = [f'resource "ionoscloud_pg_cluster_v2" "{called}" {{']
    lines += _aligned(_plain_rows(target, properties), 1)
    for attribute, part, members in _OBJECTS:
        rows = [(_snake(key), _value(target, f"{part}.{key}", properties[part][key])) for key in members]
        lines += ["", *_object(attribute, rows)]
    lines += ["", *_object("credentials", _credentials(target, properties))]
    lines += ["", "  lifecycle {", "    prevent_destroy = true", "  }", "}", ""]
    return "\n".join(lines)


def _plain_rows(target: TargetCluster, properties: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for attribute, path in _PLAIN:
        if not path:
            is_blank = any(each.name == REGION.name for each in target.blanks)
            rows.append((attribute, f"var.{_named(REGION)}" if is_blank else hcl(target.new.region)))
        elif path in properties:
            rows.append((attribute, _value(target, path, properties[path])))
    return rows


def _credentials(target: TargetCluster, properties: Mapping[str, Any]) -> list[tuple[str, str]]:
    username, password, database = (
        (key, _value(target, f"credentials.{key}", properties["credentials"][key]))
        for key in ("username", "password", "database")
    )
    return [username, password, ("password_version", hcl("1")), database]


def _value(target: TargetCluster, path: str, value: object) -> str:
    blank = target.blank(path)
    if blank is not None:
        return f"var.{_named(blank)}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else hcl(str(value))


def _snake(key: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", key)


def _named(blank: Blank) -> str:
    return blank.name.lower()


def _object(attribute: str, rows: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{_INDENT}{attribute} = {{", *_aligned(list(rows), 2), f"{_INDENT}}}"]


def _aligned(rows: list[tuple[str, str]], depth: int) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"{_INDENT * depth}{name.ljust(width)} = {value}" for name, value in rows]
