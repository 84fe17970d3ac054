"""The 25 operations of v1."""

from bot.demo.cloud import v1_clusters, v1_reads, v1_users_databases
from bot.demo.cloud.call import SpecOperation

PREFIX = "/databases/postgresql"

_CLUSTER = "/clusters/{clusterId}"
_USER = f"{_CLUSTER}/users/{{username}}"
_DATABASE = f"{_CLUSTER}/databases/{{databasename}}"

OPERATIONS = (
    SpecOperation("GET", "/clusters", "clustersGet", v1_clusters.list_clusters),
    SpecOperation("POST", "/clusters", "clustersPost", v1_clusters.create_cluster),
    SpecOperation("GET", _CLUSTER, "clustersFindById", v1_clusters.read_cluster),
    SpecOperation("PATCH", _CLUSTER, "clustersPatch", v1_clusters.change_cluster),
    SpecOperation("DELETE", _CLUSTER, "clustersDelete", v1_clusters.delete_cluster),
    SpecOperation(
        "GET", f"{_CLUSTER}/postgresversions", "clusterPostgresVersionsGet", v1_reads.list_cluster_versions
    ),
    SpecOperation("GET", f"{_CLUSTER}/versions", "clustersVersionsGet", v1_reads.list_cluster_versions),
    SpecOperation("GET", "/clusters/postgresversions", "postgresVersionsGet", v1_reads.list_versions),
    SpecOperation("GET", "/versions", "versionsGet", v1_reads.list_versions),
    SpecOperation("GET", f"{_CLUSTER}/logs", "clusterLogsGet", v1_reads.read_logs),
    SpecOperation("GET", f"{_CLUSTER}/backups", "clusterBackupsGet", v1_reads.list_cluster_backups),
    SpecOperation("GET", "/clusters/backups", "clustersBackupsGet", v1_reads.list_backups),
    SpecOperation("GET", "/clusters/backups/{backupId}", "clustersBackupsFindById", v1_reads.read_backup),
    SpecOperation("POST", f"{_CLUSTER}/restore", "clusterRestorePost", v1_clusters.restore_cluster),
    SpecOperation("GET", f"{_CLUSTER}/users", "usersList", v1_users_databases.list_users),
    SpecOperation("POST", f"{_CLUSTER}/users", "usersPost", v1_users_databases.create_user),
    SpecOperation("GET", _USER, "usersGet", v1_users_databases.read_user),
    SpecOperation("PATCH", _USER, "usersPatch", v1_users_databases.change_user),
    SpecOperation("DELETE", _USER, "usersDelete", v1_users_databases.delete_user),
    SpecOperation("GET", f"{_CLUSTER}/databases", "databasesList", v1_users_databases.list_databases),
    SpecOperation("POST", f"{_CLUSTER}/databases", "databasesPost", v1_users_databases.create_database),
    SpecOperation("GET", _DATABASE, "databasesGet", v1_users_databases.read_database),
    SpecOperation("DELETE", _DATABASE, "databasesDelete", v1_users_databases.delete_database),
    SpecOperation("GET", "/infos/version", "infosVersionGet", v1_reads.read_api_version),
    SpecOperation("GET", "/infos/versions", "infosVersionsGet", v1_reads.list_api_versions),
)
