"""Random v1 clusters, valid for v2 or not, and their twins as v2 would show them if nothing was lost."""

from dataclasses import replace
from datetime import UTC

from hypothesis import strategies as st
from reply_strategies import NASTY
from rule_kit import FACTS, READY

from bot.domain.cluster import (
    Api,
    Cluster,
    ClusterDatabase,
    Connection,
    DbUser,
    MaintenanceWindow,
    host_region,
)
from migrations.facts import ClusterFacts

HOSTILE = (
    *NASTY,
    "orders prod",
    'say "hi"; DROP TABLE x;--',
    "$(touch pwned)",
    "`touch pwned`",
    "${file(1)} $${x} $$${x} %{ if true } %%{x}",
    "it's \\ back\\\\slash\\",
    "\u202egnp.exe",
    "# heading\n\n## another\n```\n- item",
    "*/ -- \\! echo pwned",
    "<V2_PASSWORD>",
    "{name} {id} {0} {}",
    "|a|b|",
    "\u05d0\u05d1\u05d2 \u0627\u0644",
    ":name :'name' \\gexec",
)
hostile_texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))

_REGIONS = (
    "de/txl",
    "de/fra",
    "de/fra/2",
    "fr/par",
    "es/vit",
    "gb/lhr",
    "gb/bhx",
    "us/las",
    "us/mci",
    "us/ewr",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_fitting_names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,61}[A-Za-z0-9]", fullmatch=True)
_moments = st.none() | st.datetimes(timezones=st.just(UTC))
_times = st.times().map(lambda time: time.strftime("%H:%M:%S"))
_addresses = st.builds("{}/{}".format, st.ip_addresses(v=4), st.integers(8, 30))
# The platform itself uses 192.168.230.0/24 (PGR007).
_private = st.sampled_from([each for each in range(1, 251) if each != 230]).map("192.168.{}.100/24".format)

_connections = st.builds(
    Connection, datacenter_id=st.uuids().map(str), lan_id=st.integers(1, 99).map(str), address=_private
)


def _name_in(region) -> str:
    return f"pg-3euh45am6idkppu3.postgresql.{host_region(region).replace('/', '-')}.ionos.com"


@st.composite
def fit_clusters(draw) -> Cluster:
    """Draw a cluster of v1 that v2 can show without any loss, but for the storage type."""
    instances = draw(st.integers(1, 5))
    modes = ["ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"] if instances >= 3 else ["ASYNCHRONOUS"]
    region = draw(st.sampled_from(_REGIONS))
    return replace(
        READY,
        id=draw(st.uuids().map(str)),
        region=region,
        dns_name=_name_in(region),
        name=draw(_fitting_names),
        state=draw(st.sampled_from(["AVAILABLE", "BUSY", "FAILED", "DESTROYING"])),
        postgres_version=draw(st.sampled_from(["14", "15", "16", "17"])),
        instances=instances,
        cores=draw(st.integers(1, 62)),
        ram_mb=draw(st.integers(4, 240)) * 1024,
        storage_mb=draw(st.integers(10, 4096)) * 1024,
        storage_type=draw(st.sampled_from([None, "HDD", "SSD", "SSD Standard", "SSD Premium"])),
        connections=(draw(_connections),),
        maintenance=MaintenanceWindow(day=draw(st.sampled_from(_DAYS)), time=draw(_times)),
        replication=draw(st.sampled_from(modes)),
        pooler=draw(st.sampled_from([None, "", "disabled", "transaction", "session"])),
        backup_location=draw(st.sampled_from(["de", "eu-south-2", "eu-central-2", "eu-central-3"])),
        created_at=draw(_moments),
        modified_at=draw(_moments),
        created_by=draw(st.none() | st.text(max_size=10)),
    )


@st.composite
def equal_twins(draw) -> tuple[Cluster, Cluster]:
    """Draw a cluster of v1, and the same as v2 shows it: in v2's spelling, with v2's own properties."""
    v1 = draw(fit_clusters())
    states = {"BUSY": ["PROVISIONING", "UPDATING"]}
    poolers = {None: "DISABLED", "": "TRANSACTION"}
    assert v1.dns_name
    v2 = replace(
        v1,
        api=Api.V2,
        id=draw(st.sampled_from([v1.id, v1.id.upper()])),
        region="/".join(v1.region.split("/")[:2]),
        state=draw(st.sampled_from(states.get(v1.state, [v1.state]))),
        storage_type=None,
        pooler=poolers.get(v1.pooler, (v1.pooler or "").upper()),
        dns_name=draw(st.sampled_from([v1.dns_name, f"{v1.dns_name}.", v1.dns_name.upper()])),
        backup_retention_days=7,
        description=draw(st.none() | st.text(max_size=10)),
        logs_enabled=draw(st.none() | st.booleans()),
        metrics_enabled=draw(st.none() | st.booleans()),
        status_message=draw(st.none() | st.text(max_size=10)),
        also_in=(Api.V1,),
        oddities=draw(st.sampled_from([(), ("type: missing",)])),
    )
    return v1, v2


def _sometimes(whole, odd):
    return st.one_of(whole, whole, whole, odd)


_odd_connections = st.builds(
    Connection,
    datacenter_id=st.uuids().map(str) | st.none() | hostile_texts,
    lan_id=st.integers(1, 99).map(str) | st.none() | hostile_texts,
    address=st.none() | hostile_texts | _addresses | st.sampled_from(["10.209.1.1/24", "10.0.0.1"]),
)
_odd_windows = st.none() | st.builds(
    MaintenanceWindow,
    day=st.none() | hostile_texts | st.sampled_from(_DAYS),
    time=st.none() | hostile_texts | _times | st.just("59459"),
)


@st.composite
def any_clusters(draw, *, documented=False) -> Cluster:
    """Draw a cluster of v1 in which any answer may be missing, outside v2's limits, or hostile.

    `documented` keeps its id to the form that v1's specification describes.
    """
    fit = draw(fit_clusters())
    return replace(
        fit,
        id=fit.id if documented else draw(_sometimes(st.just(fit.id), hostile_texts)),
        region=draw(_sometimes(st.just(fit.region), st.sampled_from([*_REGIONS, "se/sto", "not stated"]))),
        dns_name=draw(_sometimes(st.just(fit.dns_name), st.none() | st.sampled_from(_REGIONS).map(_name_in))),
        name=draw(_sometimes(st.just(fit.name), hostile_texts)),
        postgres_version=draw(
            _sometimes(st.just(fit.postgres_version), st.sampled_from([None, "12", "16.4"]))
        ),
        instances=draw(_sometimes(st.just(fit.instances), st.sampled_from([None, 0, 1, 2, 6]))),
        cores=draw(_sometimes(st.just(fit.cores), st.sampled_from([None, 63, 128]))),
        ram_mb=draw(_sometimes(st.just(fit.ram_mb), st.none() | st.integers(512, 400_000))),
        storage_mb=draw(_sometimes(st.just(fit.storage_mb), st.none() | st.integers(2048, 4096 * 1024))),
        connections=draw(_sometimes(st.just(fit.connections), st.just(()) | st.tuples(_odd_connections))),
        maintenance=draw(_sometimes(st.just(fit.maintenance), _odd_windows)),
        replication=draw(
            _sometimes(
                st.just(fit.replication),
                st.sampled_from([None, "SYNCHRONOUS", "STRICTLY_SYNCHRONOUS", "QUORUM"]),
            )
        ),
        pooler=draw(_sometimes(st.just(fit.pooler), hostile_texts)),
        backup_location=draw(_sometimes(st.just(fit.backup_location), st.none() | hostile_texts)),
    )


_users = st.builds(
    DbUser,
    name=hostile_texts,
    cluster_id=st.just(READY.id),
    is_system=st.sampled_from([None, False, True]),
    created_by=st.sampled_from([None, "ionos:iam:cloud::users/1", "ionos:iam:cloud:_system_"]),
)
_databases = st.builds(
    ClusterDatabase,
    name=hostile_texts,
    cluster_id=st.just(READY.id),
    owner=st.none() | st.sampled_from(HOSTILE),
    created_by=st.sampled_from([None, "ionos:iam:cloud::users/1", "ionos:iam:cloud:_system_"]),
)


@st.composite
def any_facts(draw, *, documented=False) -> ClusterFacts:
    """Draw facts of any cluster, with users and databases of any name."""
    cluster = draw(any_clusters(documented=documented))
    return replace(
        FACTS,
        cluster=cluster,
        backups=(),
        users=tuple(draw(st.lists(_users, max_size=4))),
        databases=tuple(draw(st.lists(_databases, max_size=4))),
    )
