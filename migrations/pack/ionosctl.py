"""A script of ionosctl lines: it looks, and only when told so it makes a new cluster.

Source: ionosctl's help: `dbaas postgres` speaks v1, `dbaas postgres-v2` speaks v2 and has no flag for how
many days backups are kept.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain.cluster_properties import SWITCHES
from migrations.pack.placeholders import CLUSTER_ID, REGION, Blank
from migrations.pack.quoting import shell
from migrations.pack.target_cluster import TargetCluster

_FLAGS = (
    ("--name", "name"),
    ("--description", "description"),
    ("--version", "version"),
    ("--instances", "instances.count"),
    ("--cores", "instances.cores"),
    ("--ram", "instances.ram"),
    ("--storage-size", "instances.storageSize"),
    ("--datacenter-id", "connection.datacenterId"),
    ("--lan-id", "connection.lanId"),
    ("--cidr", "connection.primaryInstanceAddress"),
    ("--maintenance-day", "maintenanceWindow.dayOfTheWeek"),
    ("--maintenance-time", "maintenanceWindow.time"),
    ("--sync-mode", "replicationMode"),
    ("--connection-pooler", "connectionPooler"),
    ("--backup-location", "backup.location"),
    ("--db-username", "credentials.username"),
    ("--db-password", "credentials.password"),
    ("--database", "credentials.database"),
)


def render(target: TargetCluster, v1_id: str, properties: Mapping[str, Any]) -> str:
    """Return `ionosctl.sh` for a POSIX shell. `v1_id` is the cluster's id in v1."""
    blanks = {each.name: _variable(each) for each in target.blanks}
    region = blanks.get(REGION.name, shell(target.new.region))
    v2_id = blanks.get(CLUSTER_ID.name)
    create = " \\\n    ".join(_create(target, properties, region))
    return _SCRIPT.format(
        v1_id=shell(v1_id), v2_id=v2_id or shell(target.cluster_id), region=region, create=create
    )


_SCRIPT = """\
#!/bin/sh
# `sh ionosctl.sh` shows the cluster in v1 and v2 and changes nothing. `sh ionosctl.sh create` creates a NEW
# cluster in v2 beside the old one, and you pay for both. Unknown values come from V2_... in the environment.
# ionosctl takes the password as an argument, so other users of this machine can see it while it runs.
# It has no flag for the backup retention; body.json sets it.
set -eu

look() {{
  ionosctl dbaas postgres cluster get --cluster-id {v1_id}
  ionosctl dbaas postgres user list --cluster-id {v1_id}
  ionosctl dbaas postgres database list --cluster-id {v1_id}
  ionosctl dbaas postgres cluster backup list --cluster-id {v1_id}
  ionosctl dbaas postgres-v2 version list --location {region}
  ionosctl dbaas postgres-v2 backup location list --location {region}
  # Last, because it fails until v2 shows the cluster.
  ionosctl dbaas postgres-v2 cluster get --location {region} --cluster-id {v2_id}
}}

create() {{
  {create}
}}

case "${{1:-look}}" in
  look) look ;;
  create) create ;;
  *) echo "usage: sh ionosctl.sh [look|create]" >&2; exit 2 ;;
esac
"""


def _create(target: TargetCluster, properties: Mapping[str, Any], region: str) -> Iterator[str]:
    yield "ionosctl dbaas postgres-v2 cluster create"
    yield f"--location {region}"
    for flag, path in _FLAGS:
        blank = target.blank(path)
        value: Any = properties
        for step in path.split("."):
            value = value.get(step)
        if blank is not None:
            yield f"{flag} {_variable(blank)}"
        elif value is not None:
            yield f"{flag} {shell(str(value))}"
    yield from (each.flag for each in SWITCHES if properties.get(each.v2))


def _variable(blank: Blank) -> str:
    return f'"${{{blank.name}:?{blank.ask}}}"'
