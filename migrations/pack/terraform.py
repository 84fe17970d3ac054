"""Terraform that lets go of the v1 resource and adopts the cluster as a v2 one, without touching it.

Sources: the provider's guide for moving to `ionoscloud_pg_cluster_v2` and that resource's page (6.7.34): the
same id on both sides, `moved` does not work, the password is write-only, which takes Terraform 1.11.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.domain.cluster_properties import SWITCHES
from migrations.pack.placeholders import PASSWORD, REGION, Placeholder
from migrations.pack.quoting import hcl
from migrations.pack.target_cluster import TargetCluster

_INDENT = "  "

_PLAIN = (
    ("name", ("name",)),
    ("description", ("description",)),
    ("version", ("version",)),
    ("location", ()),
    ("replication_mode", ("replicationMode",)),
    ("connection_pooler", ("connectionPooler",)),
    *((each.field, (each.v2,)) for each in SWITCHES),
)
_OBJECTS = (
    ("backup", "backup", ("location", "retentionDays")),
    ("instances", "instances", ("count", "cores", "ram", "storageSize")),
    ("connections", "connection", ("datacenterId", "lanId", "primaryInstanceAddress")),
    ("maintenance_window", "maintenanceWindow", ("time", "dayOfTheWeek")),
)
"""The resource's attributes, and where v2's properties have them; attributes within them are called alike."""


def label(name: str) -> str:
    """Return a name for the resource, made from the cluster's."""
    word = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-")
    return word if re.match(r"[A-Za-z]", word) else f"cluster_{word}".rstrip("_")


def render(target: TargetCluster, properties: Mapping[str, Any]) -> str:
    """Return `main.tf`, in the layout of `terraform fmt`."""
    called = label(target.new.name if target.blank(("name",)) is None else "")
    variables = [_variable(each) for each in target.blanks]
    return "\n".join((_HEAD, *variables, _moved(target, called), _resource(target, called, properties)))


_HEAD = """\
# Adopts the cluster into Terraform as a v2 resource, on the day on which v2 shows it. The plan must then say:
# 1 to import, 0 to add, 0 to destroy, and nothing to change but the credentials. Otherwise do not apply it.
# The provider ionos-cloud/ionoscloud must be 6.7.34 or newer. Names of resources are proposals: put the name
# of your own v1 resource into the removed block, and delete its resource block.
terraform {
  required_version = ">= 1.11.0"
}
"""


def _variable(blank: Placeholder) -> str:
    rows = [
        ("description", hcl(blank.ask)),
        ("type", "number" if isinstance(blank.sample, int) else "string"),
    ]
    if blank.path == PASSWORD.path:
        # Neither the plan nor the state holds an ephemeral value.
        rows += [("sensitive", "true"), ("ephemeral", "true")]
    return "\n".join((f'variable "{_named(blank)}" {{', *_aligned(rows, 1), "}", ""))


def _moved(target: TargetCluster, called: str) -> str:
    region = f"${{var.{_named(REGION)}}}" if REGION in target.blanks else target.new.region
    blank = next((each for each in target.blanks if each.name == "V2_CLUSTER_ID"), None)
    cluster_id = f"${{var.{_named(blank)}}}" if blank else hcl(target.cluster_id)[1:-1]
    return f"""\
removed {{
  from = ionoscloud_pg_cluster.{called}
  lifecycle {{
    destroy = false
  }}
}}

import {{
  to = ionoscloud_pg_cluster_v2.{called}
  id = "{region}:{cluster_id}"
}}
"""


def _resource(target: TargetCluster, called: str, properties: Mapping[str, Any]) -> str:
    lines = [f'resource "ionoscloud_pg_cluster_v2" "{called}" {{']
    lines += _aligned(_plain_rows(target, properties), 1)
    for attribute, part, members in _OBJECTS:
        rows = [(_snake(key), _value(target, (part, key), properties[part][key])) for key in members]
        lines += ["", *_object(attribute, rows)]
    lines += ["", *_object("credentials", _credentials(target, properties))]
    lines += ["", "  lifecycle {", "    prevent_destroy = true", "  }", "}", ""]
    return "\n".join(lines)


def _plain_rows(target: TargetCluster, properties: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for attribute, path in _PLAIN:
        if not path:
            is_blank = REGION in target.blanks
            rows.append((attribute, f"var.{_named(REGION)}" if is_blank else hcl(target.new.region)))
        elif path[0] in properties:
            rows.append((attribute, _value(target, path, properties[path[0]])))
    return rows


def _credentials(target: TargetCluster, properties: Mapping[str, Any]) -> list[tuple[str, str]]:
    def of(key: str) -> str:
        return _value(target, ("credentials", key), properties["credentials"][key])

    return [
        ("username", of("username")),
        ("password", of("password")),
        ("password_version", hcl("1")),
        ("database", of("database")),
    ]


def _value(target: TargetCluster, path: tuple[str, ...], value: object) -> str:
    blank = target.blank(path)
    if blank is not None:
        return f"var.{_named(blank)}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else hcl(str(value))


def _snake(key: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", key)


def _named(blank: Placeholder) -> str:
    return blank.name.lower()


def _object(attribute: str, rows: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{_INDENT}{attribute} = {{", *_aligned(list(rows), 2), f"{_INDENT}}}"]


def _aligned(rows: list[tuple[str, str]], depth: int) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"{_INDENT * depth}{name.ljust(width)} = {value}" for name, value in rows]
