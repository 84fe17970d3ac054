"""The regions and locations of clusters with what each offers."""

import uuid
from dataclasses import dataclass

ID_SPACE = uuid.UUID("7fa1dd11-59dd-53a5-ab67-50f649c8e3eb")
"""Name space of the simulator's version-5 UUIDs."""


@dataclass(frozen=True, slots=True)
class Region:
    """One v2 host. `locations` are the v1 location names that share it (ionos-api-notes, section 1)."""

    label: str
    locations: tuple[str, ...]
    v1_backup_location: str
    v2_backup_locations: tuple[str, ...]


# IONOS publishes no v2 location lists: these values are from the tests of its official tools.
_GERMANY = ("eu-central-3", "eu-central-4")
_SPAIN = ("eu-south-2", "eu-central-3")
_ELSEWHERE = ("eu-central-2", "eu-central-3", "eu-central-4")

REGIONS = (
    Region("de-txl", ("de/txl",), "de", _GERMANY),
    Region("de-fra", ("de/fra", "de/fra/2"), "de", _GERMANY),
    Region("fr-par", ("fr/par",), "eu-central-2", _ELSEWHERE),
    Region("es-vit", ("es/vit",), "eu-south-2", _SPAIN),
    Region("gb-lhr", ("gb/lhr",), "eu-central-2", _ELSEWHERE),
    Region("gb-bhx", ("gb/bhx",), "eu-central-2", _ELSEWHERE),
    Region("us-las", ("us/las",), "eu-central-2", _ELSEWHERE),
    Region("us-mci", ("us/mci",), "eu-central-2", _ELSEWHERE),
    Region("us-ewr", ("us/ewr",), "eu-central-2", _ELSEWHERE),
)

REGION_BY_LABEL = {region.label: region for region in REGIONS}
REGION_BY_LOCATION = {location: region for region in REGIONS for location in region.locations}
V1_BACKUP_LOCATIONS = ("de", "eu-south-2", "eu-central-2")


@dataclass(frozen=True, slots=True)
class OfferedVersion:
    """A PostgreSQL major version as v2 describes it."""

    version: str
    status: str
    comment: str


OFFERS = {
    offer.version: offer
    for offer in (
        OfferedVersion("14", "DEPRECATED", "End of life in November 2026. Plan an upgrade."),
        OfferedVersion("15", "SUPPORTED", ""),
        OfferedVersion("16", "SUPPORTED", ""),
        OfferedVersion("17", "RECOMMENDED", "The default choice for new clusters."),
        OfferedVersion("18", "BETA", "For evaluation, not for production."),
    )
}


def derived_id(*parts: str) -> str:
    """Return a version-5 UUID that depends on the parts only."""
    return str(uuid.uuid5(ID_SPACE, "/".join(parts)))
