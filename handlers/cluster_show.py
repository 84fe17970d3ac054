"""`/pg cluster show`: everything the API says of one cluster."""

from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import Task, command, headline, known_as, returns
from bot.domain.byte_sizes import describe_size, format_gigabytes
from bot.domain.cluster import Api, Cluster
from bot.domain.phrases import format_count
from bot.domain.reply import Fields, Note, Part, Reply, Text, Warn
from bot.domain.result import CommandResult
from handlers.shared.argument_types import ClusterArguments
from handlers.shared.records import TaggedCluster, warn_of_oddities


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterShow(CommandResult):
    """One cluster. Amounts are per instance."""

    cluster: TaggedCluster


@returns(ClusterShow)
@known_as(
    *("logging", "ip", "window", "pooler", "network", "replication", "size", "endpoint", "dns"),
    *("address", "connection", "connect", "disk", "state"),
)
@headline(Task.SEE)
@command(
    examples=("cluster show orders-prod",),
    ionosctl={
        Api.V1: "ionosctl dbaas postgres cluster get --cluster-id {cluster}",
        Api.V2: "ionosctl dbaas postgres-v2 cluster get --location {region:place} --cluster-id {cluster}",
    },
)
async def cluster_show(args: ClusterArguments, ctx: Context) -> Reply:
    """Show one cluster: state, size, network, backups and last change."""
    found = await ctx.cluster(args.cluster)
    cluster = TaggedCluster.of(found, ctx.tags(found))
    parts: list[Part] = []
    if cluster.status_message:
        parts.append(Warn(cluster.status_message))
    if cluster.description:
        parts.append(Text(cluster.description))
    parts += [*_list_facts(cluster), *warn_of_oddities(cluster.oddities)]
    parts.append(Note(f"Id {cluster.id}. Sizes are per instance."))
    return Reply(f"{cluster.name}: {cluster.state}", tuple(parts), result=ClusterShow(cluster=cluster))


def _list_facts(cluster: TaggedCluster) -> list[Part]:
    storage = format_gigabytes(cluster.storage_mb)
    networks = (
        f"{each.address or 'unknown address'}, LAN {each.lan_id or '?'}" for each in cluster.connections
    )
    identity = (
        ("State", cluster.state),
        ("Region", cluster.region),
        ("API", cluster.api.value),
        ("Contract", cluster.contract),
        ("Owner", cluster.owner),
        ("Tier", cluster.tier),
        ("Host name", cluster.dns_name),
    )
    properties = (
        ("PostgreSQL", cluster.postgres_version),
        ("Instances", describe_size(cluster)),
        ("Storage", f"{storage}, {cluster.storage_type}" if storage and cluster.storage_type else storage),
        ("Replication", cluster.replication),
        ("Connection pooler", cluster.pooler),
        ("Network", "; ".join(networks) or "not connected to a network"),
        ("Maintenance window", str(cluster.maintenance) if cluster.maintenance else None),
        ("Backups", _describe_backups(cluster)),
    )
    history = (
        ("Created", cluster.created_at),
        ("Created by", cluster.created_by),
        ("Last changed", cluster.modified_at),
        ("Last changed by", cluster.modified_by),
    )
    return [Fields(identity), Fields(properties), Fields(history)]


def _describe_backups(cluster: Cluster) -> str | None:
    if cluster.backup_retention_days is None:
        return cluster.backup_location
    kept = format_count(cluster.backup_retention_days, "day")
    return f"{cluster.backup_location or 'unknown location'}, kept for {kept}"
