"""The hand-written part of the demo's fleet: one row per cluster, in the order of creation."""

from dataclasses import dataclass
from datetime import timedelta

from bot.demo.cloud.access import CONTRACT_A, CONTRACT_B, CONTRACT_C
from bot.demo.cloud.records import Phase, Quirk

BREAKING = frozenset({Quirk.ZONELESS_TIMES})
"""Quirks that the specifications do not allow."""


@dataclass(frozen=True, slots=True)
class SeedCluster:
    """The fixed properties of one cluster; the others are random. Sizes in MB."""

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
    quirks: frozenset[Quirk] = frozenset()
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
    _v1("legacy-reports", "de/fra", phase=Phase.CHANGING, version="13"),
    _v1("inventory-test", "de/txl", phase=Phase.DESTROYING, ends=_MINUTES_10),
    _v1("inventory-prod", "de/txl", phase=Phase.DEGRADED, instances=3, ram_mb=16384),
    _v1("analytics-dev", "fr/par", phase=Phase.FAILED),
    _v1("archive-2019", "gb/lhr", phase=Phase.UNKNOWN, version="12", storage_type="HDD"),
    _v1("crm-prod", "es/vit", phase="MAINTENANCE", instances=2),
    # v1: oddities of real answers and of old clusters.
    _v1("orders-prod-eu", "de/fra", CONTRACT_B, changed=False),
    _v1("orders-staging", "de/txl", changed=False, users=("orders", "Orders-QA"), databases=("orders",)),
    _v1("shop-prod", "de/fra", pooler="", version="16", quirks=frozenset({Quirk.NO_DNS_NAME})),
    _v1("shop-staging", "de/fra/2", pooler="session"),
    _v1(
        "wiki",
        "gb/bhx",
        ram_mb=2048,
        storage_mb=2048,
        storage_type="SSD",
        version="14",
        quirks=frozenset({Quirk.NO_POOLER, Quirk.NO_BACKUP_LOCATION, Quirk.NO_WINDOW}),
    ),
    _v1("Customer data (EU), 2nd copy!", "de/txl", storage_mb=30480, storage_type="SSD Standard"),
    _v1("<!channel>", "us/las", CONTRACT_B),
    _v1("*urgent* _do not touch_ & `rm`", "us/mci"),
    _v1("سجل-الطلبات", "fr/par", CONTRACT_B),
    _v1("🚀 launchpad", "us/ewr"),
    _v1("ledger-prod", "de/txl", instances=3, replication="SYNCHRONOUS", ram_mb=32768),
    _v1("ledger-staging", "de/txl", instances=2, replication="STRICTLY_SYNCHRONOUS"),
    _v1("fulfilment-prod", "es/vit", attached=False),
    _v1("geo-prod", "us/las", address="10.233.12.5/24", quirks=frozenset({Quirk.ZONELESS_TIMES})),
    _v1("geo-staging", "us/las", address="10.210.4.6/23", quirks=frozenset({Quirk.OFFSET_TIMES})),
    _v1(
        "sessions-prod",
        "gb/lhr",
        quirks=frozenset({Quirk.WHOLE_SECONDS}),
        users=("sessions_service_account",),
    ),
    _v1("hr-prod", "de/fra", CONTRACT_C, users=("hr",), databases=("hr-records", "payroll_sql")),
    _v1("hr-staging", "de/fra", CONTRACT_C),
    # The same name in two regions, and one name that begins another.
    _v1("search", "de/txl"),
    _v1("search", "fr/par"),
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
    _v2("metering-prod", "es/vit", pooler="session", quirks=frozenset({Quirk.WHOLE_SECONDS})),
    _v2("search", "gb/lhr", quirks=frozenset({Quirk.OLD_BACKUP_FORM})),
    _v2("identity-prod", "gb/bhx", instances=3, replication="STRICTLY_SYNCHRONOUS"),
    _v2("notifications-prod", "us/las", version="14"),
    _v2("feature-flags", "us/mci", version="18", quirks=frozenset({Quirk.ZONELESS_TIMES})),
    _v2("tickets-prod", "us/ewr", phase="HIBERNATED"),
    # Moved from v1 by the vendor, with a name and a size that v2 refuses for a new cluster.
    _v2("Legacy CRM (2023)", "de/fra", ram_mb=2048, storage_mb=11264, version="15", changed=False),
    _v2("hr-analytics", "de/fra", CONTRACT_C, quirks=frozenset({Quirk.NO_DNS_NAME})),
)
