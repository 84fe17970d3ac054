"""The hand-written part of the demo's fleet: one row per cluster, in the order of creation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.demo.cloud.access import CONTRACT_A, CONTRACT_B, CONTRACT_C
from bot.demo.cloud.oddities import Oddity
from bot.demo.cloud.records import Phase

_PLAIN: Mapping[str, Any] = {}
"""For oddities of the view: without them, the record is the same."""


@dataclass(frozen=True, slots=True)
class SeedCluster:
    """The fixed properties of one cluster in the odd fleet; the others are random. Sizes in MB."""

    name: str
    api: str
    location: str
    contract: int
    phase: str = Phase.AVAILABLE
    ends: timedelta | None = None
    """Time until the phase ends; None if it does not end by itself."""
    version: str = ""
    instances: int = 1
    cores: int = 0
    ram_mb: int = 0
    storage_mb: int = 0
    storage_type: str = "SSD Premium"
    replication: str = "ASYNCHRONOUS"
    pooler: str | None = None
    """None: off. An empty mode is what old v1 clusters answer (ISS 681)."""
    attached: bool = True
    address: str = ""
    changed: bool = True
    age: timedelta | None = None
    description: str | None = None
    status_message: str | None = None
    odd: Mapping[Oddity, Mapping[str, Any]] = field(default_factory=dict)
    """The row's oddities, each with the fields of the record that a fleet without it has instead. `address`
    there is the address of the network."""
    users: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()

    @property
    def default_user(self) -> str:
        """A name that both APIs accept for the primary user."""
        word = "".join(letter for letter in self.name.lower() if letter.isascii() and letter.isalnum())
        return (word or "app")[:16].ljust(2, "_")


def _v1(name: str, location: str, contract: int = CONTRACT_A, **properties: object) -> SeedCluster:
    return SeedCluster(name, "v1", location, contract, **properties)  # type: ignore[arg-type]


def _v2(name: str, location: str, contract: int = CONTRACT_A, **properties: object) -> SeedCluster:
    return SeedCluster(name, "v2", location, contract, **properties)  # type: ignore[arg-type]


_MINUTES_10 = timedelta(minutes=10)
_MINUTES_20 = timedelta(minutes=20)

ROWS = (
    # The demo's two main clusters: healthy, one on each API.
    _v1(
        "orders-prod",
        "de/txl",
        version="15",
        instances=2,
        cores=4,
        ram_mb=8192,
        storage_mb=102400,
        users=("orders", "orders_readonly"),
        databases=("orders", "orders_archive"),
        age=timedelta(days=412),
    ),
    _v2(
        "payments-prod",
        "de/txl",
        version="16",
        instances=3,
        cores=4,
        ram_mb=16384,
        storage_mb=204800,
        replication="STRICTLY_SYNCHRONOUS",
        users=("payments",),
        databases=("payments",),
        description="Card and SEPA payments",
        age=timedelta(days=97),
    ),
    # v1: every state.
    _v1("billing-staging", "de/txl", phase=Phase.CHANGING, ends=_MINUTES_20, users=("billing",)),
    _v1("billing-prod", "de/fra", instances=2, pooler="transaction", users=("billing", "reports_sql")),
    _v1(
        "legacy-reports",
        "de/fra",
        phase=Phase.CHANGING,
        version="13",
        odd={Oddity.OLD_VERSION: {"version": "14"}},
    ),
    _v1("inventory-test", "de/txl", phase=Phase.DESTROYING, ends=_MINUTES_10),
    _v1("inventory-prod", "de/txl", phase=Phase.DEGRADED, instances=3, ram_mb=16384),
    _v1("analytics-dev", "fr/par", phase=Phase.FAILED),
    _v1(
        "archive-2019",
        "gb/lhr",
        phase=Phase.UNKNOWN,
        version="12",
        storage_type="HDD",
        odd={Oddity.OLD_VERSION: {"version": "14"}},
    ),
    _v1(
        "crm-prod",
        "es/vit",
        phase="MAINTENANCE",
        instances=2,
        odd={Oddity.UNKNOWN_STATE: {"phase": Phase.AVAILABLE}},
    ),
    # v1: oddities of real answers and of old clusters.
    _v1("orders-prod-eu", "de/fra", CONTRACT_B, changed=False),
    _v1(
        "orders-staging",
        "de/txl",
        changed=False,
        users=("orders", "Orders-QA"),
        databases=("orders",),
        odd={Oddity.NULL_FIELDS: _PLAIN},
    ),
    _v1(
        "shop-prod",
        "de/fra",
        pooler="",
        version="16",
        odd={Oddity.EMPTY_POOL_MODE: {"pool_mode": "transaction"}, Oddity.NO_DNS_NAME: _PLAIN},
    ),
    _v1("shop-staging", "de/fra/2", pooler="session"),
    _v1(
        "wiki",
        "gb/bhx",
        ram_mb=2048,
        storage_mb=2048,
        storage_type="SSD",
        version="14",
        odd={
            Oddity.SMALL_RAM: {"ram_mb": 4096},
            Oddity.SMALL_STORAGE: {"storage_mb": 10240},
            Oddity.OLD_STORAGE_TYPE: {"storage_type": "SSD Premium"},
            Oddity.NO_POOLER: _PLAIN,
            Oddity.NO_BACKUP_LOCATION: _PLAIN,
            Oddity.NO_WINDOW: _PLAIN,
        },
    ),
    _v1(
        "Customer data (EU), 2nd copy!",
        "de/txl",
        storage_mb=30480,
        storage_type="SSD Standard",
        odd={Oddity.FREE_NAMES: {"name": "customer-data-copy"}, Oddity.UNEVEN_STORAGE: {"storage_mb": 30720}},
    ),
    _v1("<!channel>", "us/las", CONTRACT_B, odd={Oddity.FREE_NAMES: {"name": "channel-prod"}}),
    _v1("*urgent* _do not touch_ & `rm`", "us/mci", odd={Oddity.FREE_NAMES: {"name": "cleanup-prod"}}),
    _v1("سجل-الطلبات", "fr/par", CONTRACT_B, odd={Oddity.FREE_NAMES: {"name": "orders-archive"}}),
    _v1("🚀 launchpad", "us/ewr", odd={Oddity.FREE_NAMES: {"name": "launchpad"}}),
    _v1(
        "ledger-prod",
        "de/txl",
        instances=3,
        replication="SYNCHRONOUS",
        ram_mb=32768,
        odd={Oddity.OLD_REPLICATION: {"replication": "STRICTLY_SYNCHRONOUS"}},
    ),
    _v1("ledger-staging", "de/txl", instances=2, replication="STRICTLY_SYNCHRONOUS"),
    _v1("fulfilment-prod", "es/vit", attached=False, odd={Oddity.DETACHED: {"address": "192.168.60.3/24"}}),
    _v1(
        "geo-prod",
        "us/las",
        address="10.233.12.5/24",
        odd={Oddity.RESERVED_ADDRESS: {"address": "192.168.12.5/24"}, Oddity.ZONELESS_TIMES: _PLAIN},
    ),
    _v1("geo-staging", "us/las", address="10.210.4.6/23", odd={Oddity.OFFSET_TIMES: _PLAIN}),
    _v1("sessions-prod", "gb/lhr", odd={Oddity.WHOLE_SECONDS: _PLAIN}, users=("sessions_service_account",)),
    _v1("hr-prod", "de/fra", CONTRACT_C, users=("hr",), databases=("hr-records", "payroll_sql")),
    _v1("hr-staging", "de/fra", CONTRACT_C),
    # The same name in two regions, and one name that begins another.
    _v1("search", "de/txl"),
    _v1("search", "fr/par", odd={Oddity.SAME_NAME: {"name": "search-fr"}}),
    # v2: every state, every region.
    _v2("payments-staging", "de/txl", phase=Phase.CHANGING, ends=_MINUTES_10),
    _v2("catalogue-prod", "de/fra", instances=2, pooler="transaction"),
    _v2(
        "catalogue-next",
        "de/fra",
        phase=Phase.CREATING,
        ends=_MINUTES_10,
        age=timedelta(minutes=1),
        changed=False,
    ),
    _v2(
        "recommendations-test",
        "fr/par",
        phase=Phase.FAILED,
        status_message="Provisioning failed: the LAN has no free address",
    ),
    _v2("recommendations-prod", "fr/par", CONTRACT_B, changed=False),
    _v2("fleet-telemetry", "es/vit", phase=Phase.DESTROYING, ends=_MINUTES_10),
    _v2("metering-prod", "es/vit", pooler="session", odd={Oddity.WHOLE_SECONDS: _PLAIN}),
    _v2("search", "gb/lhr", odd={Oddity.OLD_BACKUP_FORM: _PLAIN}),
    _v2("identity-prod", "gb/bhx", instances=3, replication="STRICTLY_SYNCHRONOUS"),
    _v2("notifications-prod", "us/las", version="14"),
    _v2("feature-flags", "us/mci", version="18", odd={Oddity.ZONELESS_TIMES: _PLAIN}),
    _v2("tickets-prod", "us/ewr", phase="HIBERNATED", odd={Oddity.UNKNOWN_STATE: {"phase": Phase.AVAILABLE}}),
    # Moved from v1 by the vendor, with a name and a size that v2 refuses for a new cluster.
    _v2(
        "Legacy CRM (2023)",
        "de/fra",
        ram_mb=2048,
        storage_mb=11264,
        version="15",
        changed=False,
        odd={Oddity.MOVED_NAME: {"name": "legacy-crm"}, Oddity.SMALL_RAM: {"ram_mb": 4096}},
    ),
    _v2("hr-analytics", "de/fra", CONTRACT_C, odd={Oddity.NO_DNS_NAME: _PLAIN}),
)
