"""The two specifications, prepared for the simulator and its contents."""

from pathlib import Path

import schemathesis
from schemathesis.openapi import from_dict
from yaml_files import read_yaml

from bot.demo.cloud.app import create_app
from bot.demo.cloud.cloud import Cloud
from bot.demo.cloud.oddities import FLEETS
from bot.demo.cloud.places import derived_id
from bot.demo.seeded_fleet import seed_cloud
from bot.demo.virtual_clock import VirtualClock

SPECS = Path(__file__).parent.parent / "specs"
UNKNOWN = "498ae72f-411f-4eb9-9d07-046c59cc737e"
REGION = "de-txl"
BASES = {"v1": "/databases/postgresql", "v2": f"/{REGION}"}


def conforming_cloud() -> Cloud:
    """Return a cloud whose answers the specifications allow, without intended failures."""
    return seed_cloud(VirtualClock(), oddities=FLEETS["plain"])


async def fresh_each_time(scope, receive, send):
    """Reset the simulator before every request, so that no example depends on another."""
    await create_app(conforming_cloud())(scope, receive, send)


def load(api: str, *, secured: bool = True) -> schemathesis.BaseSchema:
    """Load the specification of one API, with path parameters that exist and one that does not.

    `secured=False` leaves authentication out, so that no request is wrong for its missing token alone.
    """
    raw = read_yaml(SPECS / f"ionos-{api}.openapi.yaml")
    raw["servers"] = [{"url": f"http://testserver{BASES[api]}"}]
    if not secured:
        del raw["security"]
        # v1's metadata is the server's own, and it ignores what a request says of it, in any form.
        for request in {"CreateClusterRequest", "PatchClusterRequest"} & set(raw["components"]["schemas"]):
            raw["components"]["schemas"][request]["properties"]["metadata"] = {"type": "object"}
    parameters = raw["components"]["parameters"]
    for name, values in _known(api).items():
        parameters[name]["schema"] = {"type": "string", "enum": values}
    schema = from_dict(raw)
    schema.app = fresh_each_time
    return schema


def _known(api: str) -> dict[str, list[str]]:
    records = [one for one in conforming_cloud().everything() if one.api == api]
    if api == "v2":
        records = [one for one in records if one.region.label == REGION]
    clusters = [record.id for record in records[:4]] + [UNKNOWN]
    backups = [backup for record in records[:4] for backup in record.backups]
    if api == "v1":
        return {
            "ClusterId": clusters,
            "BackupId": [backup.v1_id for backup in backups] + [UNKNOWN],
            "Username": ["orders", "postgres", "nobody"],
            "DatabaseName": ["orders", "postgres", "nothing"],
        }
    return {
        "ClusterId": clusters,
        "BackupId": [backup.v2_id for backup in backups] + [UNKNOWN],
        "BackupLocationId": [derived_id("backup-location", "eu-central-3"), UNKNOWN],
        "VersionId": [derived_id("version", "16"), UNKNOWN],
    }
