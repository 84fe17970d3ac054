import logging

from fleet.client import Fleet

log = logging.getLogger(__name__)


def unfinished(fleet: Fleet) -> list[str]:
    return [each.id for each in fleet.all() if each.metadata.state in ("BUSY", "DEGRADED")]


def restore(fleet: Fleet, cluster_id: str, backup_id: str) -> None:
    from ionoscloud_dbaas_postgres import CreateRestoreRequest, RestoresApi

    RestoresApi(fleet._api).cluster_restore_post(cluster_id, CreateRestoreRequest(backup_id=backup_id))
    log.info("restoring %s", cluster_id)
