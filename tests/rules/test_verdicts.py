"""Each rule's four verdicts, a row for each that it can give: what does not apply is not unknown."""

from dataclasses import replace

import pytest
from rule_kit import FACTS, ID, MISSING, READY, facts

from bot.domain.cluster import Api, ClusterDatabase, DbUser, MaintenanceWindow
from migrations.custom_rules import shipped_rules
from migrations.facts import MissingFact
from migrations.rule import Clear, Found, Inconclusive, NotApplicable

RULES = {rule.id: rule for rule in shipped_rules()}
IN_V2 = replace(READY, api=Api.V2)
(CONNECTION,), (BACKUP,) = READY.connections, FACTS.backups
NOWHERE = {"region": "", "dns_name": None}
STRICT = {"replication": "STRICTLY_SYNCHRONOUS"}
ODD_POOLER = {"pooler": None, "oddities": ("properties.connectionPooler: 'on' is not an object",)}
ODD_WINDOW = {"maintenance": None, "oddities": ("properties.maintenanceWindow: '4' is not an object",)}


def at(address):
    return {"connections": (replace(CONNECTION, address=address),)}


def offered(status):
    return {"v2_versions": tuple(replace(each, status=status) for each in FACTS.v2_versions)}


def user(name, **changes):
    return DbUser(name=name, cluster_id=ID, is_system=False, created_by="somebody", **changes)


def database(owner, created_by="somebody"):
    return ClusterDatabase(name="shop", cluster_id=ID, owner=owner, created_by=created_by)


TABLE = {
    "PGR000": {Found: {}},
    "PGR001": {Found: {"v2_cluster": IN_V2}, Clear: {}, Inconclusive: {"v2_cluster": MISSING}},
    "PGR002": {Found: {"region": "se/sto", "dns_name": None}, Clear: {}, Inconclusive: NOWHERE},
    "PGR003": {
        Found: {"region": "de/fra", "dns_name": None},
        Clear: {"region": "de/fra/2", "dns_name": None},
        NotApplicable: {},
        Inconclusive: NOWHERE,
    },
    "PGR004": {Found: {"state": "BUSY"}, Clear: {}, Inconclusive: {"state": "NOT STATED"}},
    "PGR005": {
        Found: {"connections": ()},
        Clear: {},
        Inconclusive: {"connections": (replace(CONNECTION, lan_id=None),)},
    },
    "PGR006": {
        Found: at("10.208.0.1/24"),
        Clear: {},
        NotApplicable: {"connections": ()},
        Inconclusive: at(None),
    },
    "PGR007": {
        Found: at("10.233.0.1/24"),
        Clear: {},
        NotApplicable: {"connections": ()},
        Inconclusive: at(None),
    },
    "PGR008": {Found: {"region": "fr/par"}, Clear: {}, Inconclusive: {"dns_name": None}},
    "PGR009": {
        Found: {"v2_successor": replace(IN_V2, id="another")},
        Clear: {},
        NotApplicable: {"v2_cluster": IN_V2},
        Inconclusive: {"v2_cluster": MISSING},
    },
    "PGR010": {Found: {"ram_mb": 2048}, Clear: {}, Inconclusive: {"ram_mb": None}},
    "PGR011": {Found: {"ram_mb": 300 * 1024}, Clear: {}, Inconclusive: {"ram_mb": None}},
    "PGR012": {Found: {"ram_mb": 8000}, Clear: {}, Inconclusive: {"ram_mb": None}},
    "PGR013": {Found: {"cores": 63}, Clear: {}, Inconclusive: {"cores": None}},
    "PGR014": {Found: {"storage_mb": 2048}, Clear: {}, Inconclusive: {"storage_mb": None}},
    "PGR015": {Found: {"storage_mb": 30480}, Clear: {}, Inconclusive: {"storage_mb": None}},
    "PGR016": {Found: {"instances": 6}, Clear: {}, Inconclusive: {"instances": None}},
    "PGR017": {Found: {"storage_mb": 4096 * 1024 + 1}, Clear: {}, Inconclusive: {"storage_mb": None}},
    "PGR020": {Found: {"replication": "SYNCHRONOUS"}, Clear: {}, Inconclusive: {"replication": None}},
    "PGR021": {
        Found: STRICT | {"instances": 2},
        Clear: STRICT | {"instances": 3},
        NotApplicable: {},
        Inconclusive: STRICT | {"instances": None},
    },
    "PGR022": {NotApplicable: {"instances": 1}, Inconclusive: {}},
    "PGR030": {Found: {"postgres_version": "12"}, Clear: {}, Inconclusive: {"v2_versions": ()}},
    "PGR031": {
        Found: offered("DEPRECATED"),
        Clear: {},
        NotApplicable: {"postgres_version": "12"},
        Inconclusive: offered(None),
    },
    "PGR032": {
        Found: {"postgres_version": "13"},
        Clear: {},
        Inconclusive: {"postgres_version": "sixteen"},
    },
    "PGR033": {
        Found: offered("BETA"),
        Clear: {},
        NotApplicable: {"postgres_version": "12"},
        Inconclusive: offered(None),
    },
    "PGR040": {Found: {"name": "orders prod!"}, Clear: {}, Inconclusive: {"name": ""}},
    "PGR041": {
        Found: {"namesakes": (replace(READY, id="another"),)},
        Clear: {},
        Inconclusive: {"namesakes": MISSING},
    },
    "PGR050": {Found: {"backup_location": "de"}, Clear: {}, Inconclusive: {"v2_locations": ()}},
    "PGR051": {Inconclusive: {}},
    "PGR052": {Found: {"backups": ()}, Clear: {}, Inconclusive: {"backups": MISSING}},
    "PGR053": {
        Found: {"backups": (replace(BACKUP, id="4oymiqu-16"),)},
        Clear: {},
        NotApplicable: {"backups": ()},
        Inconclusive: {"backups": MISSING},
    },
    "PGR054": {
        Found: {"backups": (replace(BACKUP, postgres_version="15"),)},
        Clear: {},
        NotApplicable: {"backups": ()},
        Inconclusive: {"backups": (replace(BACKUP, postgres_version=None),)},
    },
    "PGR060": {Found: {}, Inconclusive: {"storage_type": None}},
    "PGR061": {Found: {"storage_type": "SSD"}, Clear: {}, Inconclusive: {"storage_type": None}},
    "PGR070": {Found: {"pooler": "session"}, NotApplicable: {"pooler": None}, Inconclusive: ODD_POOLER},
    "PGR071": {
        Found: {"pooler": ""},
        Clear: {"pooler": "session"},
        NotApplicable: {"pooler": None},
        Inconclusive: ODD_POOLER,
    },
    "PGR080": {Found: {"maintenance": None}, Clear: {}, Inconclusive: ODD_WINDOW},
    "PGR081": {
        Found: {"maintenance": MaintenanceWindow(day="Sunday", time="4:00")},
        Clear: {},
        NotApplicable: {"maintenance": None},
        Inconclusive: ODD_WINDOW,
    },
    "PGR090": {Found: {}, Inconclusive: {"dns_name": None}},
    "PGR100": {Found: {}, Clear: {"users": ()}, Inconclusive: {"users": MISSING}},
    "PGR101": {
        Found: {"users": (user("a-name-that-is-too-long"),)},
        Clear: {},
        NotApplicable: {"users": ()},
        Inconclusive: {"users": MISSING},
    },
    "PGR102": {Found: {"users": ()}, Clear: {}, Inconclusive: {"users": MISSING}},
    "PGR103": {Found: {}, Clear: {"databases": ()}, Inconclusive: {"databases": MISSING}},
    "PGR104": {Found: {"databases": ()}, Clear: {}, Inconclusive: {"databases": MISSING}},
    "PGR105": {
        Found: {"databases": (database("nobody"),)},
        Clear: {},
        NotApplicable: {"databases": ()},
        Inconclusive: {"databases": (database(None),)},
    },
    "PGR106": {
        Found: {"databases": (database("orders", "ionos:iam:cloud:_unmanaged_"),)},
        Clear: {},
        Inconclusive: {"databases": (database("orders", None),)},
    },
    "PGR107": {Inconclusive: {}},
    "PGR140": {Inconclusive: {}},
    "PGR141": {
        Found: {"v2_versions": MissingFact("it answers 403")},
        Clear: {},
        Inconclusive: {"v2_versions": MissingFact("it answers 503")},
    },
}
"""Changes of a cluster that is ready, by the verdict that they bring about."""


@pytest.mark.parametrize(
    ("rule", "verdict", "changes"),
    [
        pytest.param(rule, verdict, changes, id=f"{rule} {verdict.__name__}")
        for rule, row in TABLE.items()
        for verdict, changes in row.items()
    ],
)
def test_a_rule_gives_the_verdict_that_the_facts_bring_about(rule, verdict, changes):
    assert type(RULES[rule].judge(facts(**changes))) is verdict


def test_every_rule_that_reads_the_two_apis_has_a_row():
    assert set(TABLE) == {rule for rule in RULES if rule < "PGR142"}
