"""The 11 operations of v2, the same in every region."""

from bot.demo.cloud import v2_clusters, v2_reads
from bot.demo.cloud.call import SpecOperation

_CLUSTER = "/clusters/{clusterId}"

OPERATIONS = (
    SpecOperation("GET", "/clusters", "clustersGet", v2_clusters.list_clusters),
    SpecOperation("POST", "/clusters", "clustersPost", v2_clusters.create_cluster),
    SpecOperation("GET", _CLUSTER, "clustersFindById", v2_clusters.read_cluster),
    SpecOperation("PUT", _CLUSTER, "clustersPut", v2_clusters.ensure_cluster),
    SpecOperation("DELETE", _CLUSTER, "clustersDelete", v2_clusters.delete_cluster),
    SpecOperation("GET", "/backups", "backupsGet", v2_reads.list_backups),
    SpecOperation("GET", "/backups/{backupId}", "backupsFindById", v2_reads.read_backup),
    SpecOperation("GET", "/backup-locations", "backuplocationsGet", v2_reads.list_locations),
    SpecOperation(
        "GET", "/backup-locations/{backupLocationId}", "backuplocationsFindById", v2_reads.read_location
    ),
    SpecOperation("GET", "/versions", "versionsGet", v2_reads.list_versions),
    SpecOperation("GET", "/versions/{versionId}", "versionsFindById", v2_reads.read_version),
)
