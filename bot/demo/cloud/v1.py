"""The 25 operations of v1."""

from bot.demo.cloud import v1_clusters, v1_reads, v1_users_databases
from bot.demo.cloud.call import Operation

PREFIX = "/databases/postgresql"

_CLUSTER = "/clusters/{clusterId}"
_USER = f"{_CLUSTER}/users/{{username}}"
_DATABASE = f"{_CLUSTER}/databases/{{databasename}}"

OPERATIONS = (
    Operation("GET", "/clusters", "clustersGet", v1_clusters.list_clusters),
    Operation("POST", "/clusters", "clustersPost", v1_clusters.create_cluster),
    Operation("GET", _CLUSTER, "clustersFindById", v1_clusters.read_cluster),
    Operation("PATCH", _CLUSTER, "clustersPatch", v1_clusters.change_cluster),
    Operation("DELETE", _CLUSTER, "clustersDelete", v1_clusters.delete_cluster),
    Operation(
        "GET", f"{_CLUSTER}/postgresversions", "clusterPostgresVersionsGet", v1_reads.list_cluster_versions
    ),
    Operation("GET", f"{_CLUSTER}/versions", "clustersVersionsGet", v1_reads.list_cluster_versions),
    Operation("GET", "/clusters/postgresversions", "postgresVersionsGet", v1_reads.list_versions),
    Operation("GET", "/versions", "versionsGet", v1_reads.list_versions),
    Operation("GET", f"{_CLUSTER}/logs", "clusterLogsGet", v1_reads.read_logs),
    Operation("GET", f"{_CLUSTER}/backups", "clusterBackupsGet", v1_reads.list_cluster_backups),
    Operation("GET", "/clusters/backups", "clustersBackupsGet", v1_reads.list_backups),
    Operation("GET", "/clusters/backups/{backupId}", "clustersBackupsFindById", v1_reads.read_backup),
    Operation("POST", f"{_CLUSTER}/restore", "clusterRestorePost", v1_clusters.restore_cluster),
    Operation("GET", f"{_CLUSTER}/users", "usersList", v1_users_databases.list_users),
    Operation("POST", f"{_CLUSTER}/users", "usersPost", v1_users_databases.create_user),
    Operation("GET", _USER, "usersGet", v1_users_databases.read_user),
    Operation("PATCH", _USER, "usersPatch", v1_users_databases.change_user),
    Operation("DELETE", _USER, "usersDelete", v1_users_databases.delete_user),
    Operation("GET", f"{_CLUSTER}/databases", "databasesList", v1_users_databases.list_databases),
    Operation("POST", f"{_CLUSTER}/databases", "databasesPost", v1_users_databases.create_database),
    Operation("GET", _DATABASE, "databasesGet", v1_users_databases.read_database),
    Operation("DELETE", _DATABASE, "databasesDelete", v1_users_databases.delete_database),
    Operation("GET", "/infos/version", "infosVersionGet", v1_reads.read_api_version),
    Operation("GET", "/infos/versions", "infosVersionsGet", v1_reads.list_api_versions),
)
