"""Facts of v1 clusters from a seed, ordinary or odd in every field: thousands of them cost little."""

import random
from dataclasses import replace

from random_clusters import HOSTILE
from rule_kit import FACTS, MISSING, READY

from bot.domain.cluster import Api, ClusterDatabase, Connection, DbUser, MaintenanceWindow
from migrations.facts import ClusterFacts

OURS, PLATFORMS = "ionos:iam:cloud::users/1", "ionos:iam:cloud:_system_"
_LAN = READY.connections[0]
_ADDRESSES = (
    *(
        "10.0.0.7/8",
        "192.168.7.9/24",
        "10.208.0.1/24",
        "10.223.255.254/12",
        "10.233.1.1/24",
        "192.168.230.9/24",
    ),
    *("10.0.0.7", "10.0.0.7/255.0.0.0", "primary", None),
)
_TWIN = replace(READY, api=Api.V2)
_SUCCESSOR = replace(READY, api=Api.V2, id=READY.id[::-1])
_CONNECTIONS = (
    (),
    *((replace(_LAN, address=each),) for each in _ADDRESSES),
    (replace(_LAN, datacenter_id="x"),),
    (replace(_LAN, lan_id="LAN 2"),),
    (Connection(datacenter_id=None, lan_id=None, address=None),),
)
_WINDOWS = (
    None,
    MaintenanceWindow(day="Sunday", time="04:00:00"),
    MaintenanceWindow(day="Montag", time="04:00:00"),
    MaintenanceWindow(day="Montag", time=None),
    MaintenanceWindow(day=None, time="4:00"),
    MaintenanceWindow(day="Sunday", time="59459"),
)
ODD = {
    "name": ("", "x", "orders prod", "-x-", *HOSTILE),
    "region": ("de/fra", "de/fra/2", "us/las", "xx/abc", "not stated", ""),
    "state": ("BUSY", "FAILED", "DESTROYING", "NOT STATED", "ODD"),
    "postgres_version": (None, "12", "13", "14", "15", "17", "18", "16.4", "v16"),
    "instances": (None, 0, 1, 3, 5, 6),
    "cores": (None, -1, 0, 1, 62, 63),
    "ram_mb": (None, -1, 0, 1024, 2048, 2500, 4096, 5000, 245760, 245761),
    "storage_mb": (None, 0, 2048, 2500, 10240, 30480, 4194304, 4194305),
    "storage_type": (None, "HDD", "SSD"),
    "connections": _CONNECTIONS,
    "dns_name": (None, None, "", "pg-x.postgresql.us-las.ionos.com", *HOSTILE[:3]),
    "maintenance": _WINDOWS,
    "replication": (None, "SYNCHRONOUS", "STRICTLY_SYNCHRONOUS", "QUORUM"),
    "pooler": (None, "", "transaction", "session", "statement"),
    "backup_location": (None, "de", "eu-south-2", *HOSTILE[:3]),
    "oddities": (("properties.connections: 5",), ("properties.connectionPooler: 5",), ("properties: 5",)),
}
"""Values of each field that are rare, at a limit, or outside of what v2 takes."""


def seeded_facts(seed: int) -> ClusterFacts:
    """Return facts that depend on the seed alone; about one field in five is odd."""
    draw = random.Random(seed)  # noqa: S311 - reproducible examples, no secret
    odd = {name: draw.choice(values) for name, values in ODD.items() if draw.random() < 0.2}
    cluster = replace(READY, **odd)
    others = {
        name: draw.choice((MISSING, ()))
        for name in ("backups", "users", "databases", "v2_versions", "v2_locations")
        if draw.random() < 0.1
    }
    in_v2 = draw.choice(
        ({}, {}, {"v2_cluster": MISSING}, {"v2_cluster": _TWIN}, {"v2_successor": _SUCCESSOR})
    )
    drawn = {"users": _users(draw), "databases": _databases(draw)}
    return replace(FACTS, cluster=cluster, **(drawn | others | in_v2))


def _users(draw: random.Random) -> tuple[DbUser, ...]:
    names = ("orders", "reports", "a-very-long-name-of-a-user", "postgres", *HOSTILE)
    return tuple(
        DbUser(
            name=each, cluster_id=READY.id, is_system=draw.choice((None, False, False, True)), created_by=OURS
        )
        for each in draw.sample(names, draw.randrange(4))
    )


def _databases(draw: random.Random) -> tuple[ClusterDatabase, ...]:
    names = ("orders", "reports", "shop-data", *HOSTILE)
    return tuple(
        ClusterDatabase(
            name=each,
            cluster_id=READY.id,
            owner="orders",
            created_by=draw.choice((None, OURS, OURS, PLATFORMS)),
        )
        for each in draw.sample(names, draw.randrange(4))
    )
