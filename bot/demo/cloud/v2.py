"""The 11 operations of v2, the same in every region."""

from bot.demo.cloud import v2_clusters, v2_reads
from bot.demo.cloud.call import Operation

_CLUSTER = "/clusters/{clusterId}"

OPERATIONS = (
    Operation("GET", "/clusters", "clustersGet", v2_clusters.list_clusters),
    Operation("POST", "/clusters", "clustersPost", v2_clusters.create_cluster),
    Operation("GET", _CLUSTER, "clustersFindById", v2_clusters.read_cluster),
    Operation("PUT", _CLUSTER, "clustersPut", v2_clusters.ensure_cluster),
    Operation("DELETE", _CLUSTER, "clustersDelete", v2_clusters.delete_cluster),
    Operation("GET", "/backups", "backupsGet", v2_reads.list_backups),
    Operation("GET", "/backups/{backupId}", "backupsFindById", v2_reads.read_backup),
    Operation("GET", "/backup-locations", "backuplocationsGet", v2_reads.list_locations),
    Operation(
        "GET", "/backup-locations/{backupLocationId}", "backuplocationsFindById", v2_reads.read_location
    ),
    Operation("GET", "/versions", "versionsGet", v2_reads.list_versions),
    Operation("GET", "/versions/{versionId}", "versionsFindById", v2_reads.read_version),
)
