"""Oddities of answers that the simulator can show, and the fleets made of them.

An oddity is anything that a new cluster of today does not show and a client may still meet. `breaks` is from
the clients' own code: ionosctl 6.10.3 with the Go SDKs psql/v2 2.0.5 and psql/v3 3.0.1, the Terraform
provider 6.7.34 with 2.1.0 and 3.1.0, the Ansible collection 7.8.0, and three releases of the Python SDK.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

from bot.demo.cloud.switches import Switches

OfficialClient = Literal[
    "Python SDK 1.2.0", "Python SDK 3.0.0", "Python SDK 3.0.1", "ionosctl", "Terraform", "Ansible"
]

_GO: frozenset[OfficialClient] = frozenset({"ionosctl", "Terraform"})
_MODELS: frozenset[OfficialClient] = _GO | {"Python SDK 3.0.0"}
"""The clients of v1 that refuse a value outside an enumeration; one such cluster fails a whole list."""


class Oddity(StrEnum):
    """The name of an oddity."""

    SMALL_RAM = "small-ram"
    SMALL_STORAGE = "small-storage"
    UNEVEN_STORAGE = "uneven-storage"
    OLD_STORAGE_TYPE = "old-storage-type"
    OLD_VERSION = "old-version"
    OLD_REPLICATION = "old-replication"
    DETACHED = "detached"
    NO_WINDOW = "no-window"
    NO_DNS_NAME = "no-dns-name"
    NO_POOLER = "no-pooler"
    NO_BACKUP_LOCATION = "no-backup-location"
    EMPTY_POOL_MODE = "empty-pool-mode"
    OFFSET_TIMES = "offset-times"
    ZONELESS_TIMES = "zoneless-times"
    WHOLE_SECONDS = "whole-seconds"
    MOVED_NAME = "moved-name"
    OLD_BACKUP_FORM = "old-backup-form"
    UNKNOWN_STATE = "unknown-state"
    FREE_NAMES = "free-names"
    SAME_NAME = "same-name"
    RESERVED_ADDRESS = "reserved-address"
    NULL_FIELDS = "null-fields"
    FRANKFURT_2 = "frankfurt-2"
    GUIDE_LINKS = "guide-links"
    ENDLESS_LINKS = "endless-links"
    NO_EMPTY_ITEMS = "no-empty-items"
    SHOWN_RESTORE = "shown-restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class OddityFacts:
    """The description of an oddity, its source, and the clients that fail on it.

    `fleet` is the first one that shows it. With `switches`, the whole cloud shows it; otherwise the clusters
    that `fixed_clusters` gives it.
    """

    what: str
    source: str
    fleet: Literal["legacy", "odd"] = "legacy"
    breaks: frozenset[OfficialClient] = frozenset()
    switches: Mapping[str, Any] = field(default_factory=dict)


ODDITIES: Mapping[Oddity, OddityFacts] = {
    Oddity.SMALL_RAM: OddityFacts(
        what="less than 4 GB of RAM",
        source="2 GB was allowed until September 2025 (ionosctl's changelog)",
        breaks=frozenset({"Python SDK 3.0.0", "Python SDK 3.0.1"}),
    ),
    Oddity.SMALL_STORAGE: OddityFacts(
        what="less than 10 GB of storage",
        source="2 GB was allowed by the SDKs of 2023",
        breaks=frozenset({"Python SDK 3.0.0"}),
    ),
    Oddity.UNEVEN_STORAGE: OddityFacts(
        what="storage that is not a multiple of 1 GB",
        source="a sample of the Ansible collection has 30480 MB",
    ),
    Oddity.OLD_STORAGE_TYPE: OddityFacts(
        what="the storage type SSD, today SSD Premium",
        source="deprecated, and still in the specification of v1",
    ),
    Oddity.OLD_VERSION: OddityFacts(
        what="PostgreSQL 12 or 13", source="to be upgraded by 15 October 2025 (IONOS guide)"
    ),
    Oddity.OLD_REPLICATION: OddityFacts(
        what="replication mode SYNCHRONOUS",
        source="retired in May 2026 (status notice), and still in the specification of v1",
    ),
    Oddity.DETACHED: OddityFacts(
        what="no connection (`connections: []`)",
        source="a PATCH with an empty list detaches a cluster (IONOS guide)",
        breaks=frozenset({"Python SDK 3.0.0", "Ansible"}),
    ),
    Oddity.NO_WINDOW: OddityFacts(
        what="no `maintenanceWindow`",
        source="every field of an answer of v1 is optional",
        breaks=frozenset({"Ansible"}),
    ),
    Oddity.NO_DNS_NAME: OddityFacts(what="no `dnsName`", source="clusters that are older than the field"),
    Oddity.NO_POOLER: OddityFacts(
        what="no `connectionPooler`", source="clusters that are older than the field"
    ),
    Oddity.NO_BACKUP_LOCATION: OddityFacts(
        what="no `backupLocation`",
        source="clusters that are older than the field",
        breaks=frozenset({"Ansible"}),
    ),
    Oddity.EMPTY_POOL_MODE: OddityFacts(
        what="an empty `poolMode`", source="issue 681 of the Terraform provider", breaks=_MODELS
    ),
    Oddity.OFFSET_TIMES: OddityFacts(
        what="times with an offset, such as +01:00", source="samples in the IONOS guide", breaks=_GO
    ),
    Oddity.ZONELESS_TIMES: OddityFacts(
        what="times without a zone", source="the Go SDKs add a Z to such times"
    ),
    Oddity.WHOLE_SECONDS: OddityFacts(what="times without a fraction", source="samples in the IONOS guide"),
    Oddity.MOVED_NAME: OddityFacts(
        what="a v2 cluster with a name that v2 refuses today",
        source="IONOS moves clusters as they are (migration notice of v1)",
    ),
    Oddity.OLD_BACKUP_FORM: OddityFacts(
        what="`backupLocation` beside `backup` in v2", source="the form until May 2026 (Go SDK psql/v3 3.0.1)"
    ),
    Oddity.UNKNOWN_STATE: OddityFacts(
        what="a state that is in no specification",
        source="states were added before: DEGRADED in March 2023 (Python SDK)",
        fleet="odd",
        breaks=_MODELS | {"Python SDK 3.0.1"},
    ),
    Oddity.FREE_NAMES: OddityFacts(
        what="names with spaces, punctuation, Slack's markup, Arabic letters or emoji",
        source="v1 publishes no rule for names; the IONOS guide uses some with spaces",
        fleet="odd",
    ),
    Oddity.SAME_NAME: OddityFacts(
        what="two clusters of one contract with one name",
        source="neither API says that names are unique",
        fleet="odd",
        breaks=frozenset({"Ansible", "Terraform"}),
    ),
    Oddity.RESERVED_ADDRESS: OddityFacts(
        what="an address in a range that the platform reserves",
        source="guide and specifications name different ranges",
        fleet="odd",
    ),
    Oddity.NULL_FIELDS: OddityFacts(
        what="null instead of a field that is not set",
        source="samples of the Ansible collection: `lastModifiedDate`, and `id` in a backup's properties",
        fleet="odd",
    ),
    Oddity.FRANKFURT_2: OddityFacts(
        what="a cluster in de/fra/2 reported as de/fra",
        source="DB-4824 in the code of the Terraform provider",
        fleet="odd",
        breaks=frozenset({"Ansible"}),
        switches={"v1_reports_fra_2": False},
    ),
    Oddity.GUIDE_LINKS: OddityFacts(
        what="v1 lists with `_links` and `previous` instead of `links` and `prev`",
        source="samples in the IONOS guide",
        fleet="odd",
        switches={"v1_guide_links": True},
    ),
    Oddity.ENDLESS_LINKS: OddityFacts(
        what="a link to the next page on the last one (Terraform before 6.7.33 never ended)",
        source="the Terraform provider's changelog",
        fleet="odd",
        switches={"v2_next_after_last_page": True},
    ),
    Oddity.NO_EMPTY_ITEMS: OddityFacts(
        what="an empty v2 list without `items`",
        source="`items` is optional in every list of v2",
        fleet="odd",
        switches={"v2_omits_empty_items": True},
    ),
    Oddity.SHOWN_RESTORE: OddityFacts(
        what="`restoreFromBackup` in answers while a restore is running",
        source="the Terraform provider expects it",
        fleet="odd",
        breaks=frozenset({"Terraform", "Python SDK 3.0.1"}),
        switches={"v2_shows_restore": "while_running"},
    ),
}

FLEETS: Mapping[str, frozenset[Oddity]] = {
    "plain": frozenset(),
    "legacy": frozenset(oddity for oddity, facts in ODDITIES.items() if facts.fleet == "legacy"),
    "odd": frozenset(ODDITIES),
}
"""The oddities that each fleet shows: every official client can read all of the plain one."""


def switches_of(oddities: frozenset[Oddity]) -> Switches:
    """Return the switches of a cloud that shows these oddities, otherwise the defaults."""
    changed = {name: value for oddity in oddities for name, value in ODDITIES[oddity].switches.items()}
    return replace(Switches(), **changed)
