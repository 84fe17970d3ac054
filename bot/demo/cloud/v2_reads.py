"""v2: backups, backup locations and versions."""

from typing import Any

from bot.demo.cloud.call import ApiAnswer, ApiCall
from bot.demo.cloud.lookup import v2_backup, visible_backups
from bot.demo.cloud.paging import cut, page_of, v2_envelope
from bot.demo.cloud.places import OFFERS, OfferedVersion, derived_id
from bot.demo.cloud.refusals import no_such
from bot.demo.cloud.v2_clusters import shown_items
from bot.demo.cloud.v2_views import backup_view
from bot.demo.cloud.v2_writes import backup_locations


def list_backups(call: ApiCall) -> ApiAnswer:
    page = page_of(call)
    found = visible_backups(call, call.query.get("filter.clusterId"))
    envelope = v2_envelope(call, "backups", found, page)
    items = [backup_view(call, record, backup) for record, backup in cut(call, found, page)]
    return ApiAnswer(200, envelope | shown_items(call, items))


def read_backup(call: ApiCall) -> ApiAnswer:
    record, backup = v2_backup(call, call.params["backupId"])
    return ApiAnswer(200, backup_view(call, record, backup))


def list_locations(call: ApiCall) -> ApiAnswer:
    page = page_of(call)
    locations = backup_locations(call)
    envelope = v2_envelope(call, "backup-locations", locations, page)
    items = [_location_view(call, name) for name in cut(call, locations, page)]
    return ApiAnswer(200, envelope | shown_items(call, items))


def read_location(call: ApiCall) -> ApiAnswer:
    requested = call.params["backupLocationId"].lower()
    for name in backup_locations(call):
        if derived_id("backup-location", name) == requested:
            return ApiAnswer(200, _location_view(call, name))
    raise no_such("backup location")


def _location_view(call: ApiCall, name: str) -> dict[str, Any]:
    location_id = derived_id("backup-location", name)
    return {
        "id": location_id,
        "type": "backup-location",
        "href": f"{call.base}/backup-locations/{location_id}",
        "metadata": {},
        "properties": {"location": name},
    }


def _offers(call: ApiCall) -> list[OfferedVersion]:
    # A version from the operator's switch has no description.
    names = call.cloud.switches.v2_versions
    return [OFFERS.get(name, OfferedVersion(name, "SUPPORTED", "")) for name in names]


def list_versions(call: ApiCall) -> ApiAnswer:
    page = page_of(call)
    offers = _offers(call)
    envelope = v2_envelope(call, "versions", offers, page)
    items = [_version_view(call, offer) for offer in cut(call, offers, page)]
    return ApiAnswer(200, envelope | shown_items(call, items))


def read_version(call: ApiCall) -> ApiAnswer:
    requested = call.params["versionId"].lower()
    for offer in _offers(call):
        if derived_id("version", offer.version) == requested:
            return ApiAnswer(200, _version_view(call, offer))
    raise no_such("version")


def _version_view(call: ApiCall, offer: OfferedVersion) -> dict[str, Any]:
    version_id = derived_id("version", offer.version)
    newer = [other.version for other in _offers(call) if int(other.version) > int(offer.version)]
    return {
        "id": version_id,
        "type": "version",
        "href": f"{call.base}/versions/{version_id}",
        "metadata": {},
        "properties": {
            "version": offer.version,
            "status": offer.status,
            **({"comment": offer.comment} if offer.comment else {}),
            "canUpgradeTo": newer,
        },
    }
