"""The vendor's own migration of a cluster from v1 to v2 under the same id (mapping, section 3)."""

from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.records import ClusterRecord, Phase, WindowRecord
from bot.demo.cloud.refusals import ApiRefusal


def move(cloud: Cloud, record: ClusterRecord) -> None:
    """Move a cluster to v2. What v2 cannot express is rounded up, converted or dropped.

    A name, a size or an address outside the v2 rules stays: whether the vendor changes it is unknown. Raises
    ApiRefusal 409 for a cluster on v2, or without a network, which v2 cannot express.
    """
    if record.api == "v2":
        raise ApiRefusal(409, "The cluster is on v2 already")
    if record.network is None:
        raise ApiRefusal(409, "v2 cannot express a cluster without a network")
    cloud.move(record, "v2")
    record.storage_mb = -(-record.storage_mb // 1024) * 1024
    record.ram_mb = -(-record.ram_mb // 1024) * 1024
    record.window = record.window or WindowRecord("03:00:00", "Sunday")
    record.pool_mode = record.pool_mode or "transaction"
    if record.replication == "SYNCHRONOUS":
        record.replication = "ASYNCHRONOUS"
    places = cloud.switches.v2_backup_locations or record.region.v2_backup_locations
    if record.backup_location not in places:
        record.backup_location = places[0]
    if record.phase in (Phase.DEGRADED, Phase.UNKNOWN):
        record.phase = Phase.AVAILABLE
