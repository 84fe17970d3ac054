"""The pack of an ordinary cluster: the content of each file, the blanks, and the fitted values."""

import itertools
import json
from dataclasses import replace
from pathlib import Path

import hcl2
import pytest
from pack_kit import assess, fill_samples, hcl_text, pack_files, psql_variables, request_errors, run_script
from rule_kit import FACTS, ID, MISSING, NOW, READY, facts

from bot.domain.cluster import Api, BackupLocation, ClusterDatabase, Connection, DbUser, MaintenanceWindow
from bot.domain.migration_records import Waiver
from bot.ionos.v2.requests import create_cluster
from migrations.pack.build import pack
from migrations.pack.placeholders import PASSWORD
from migrations.pack.target_cluster import build_target
from migrations.pack.terraform import label
from migrations.rule import Severity

FILES = [
    "README.md",
    "STEPS.md",
    "adopt_v2.tf",
    "provider_v2.tf",
    "body.json",
    "ionosctl.sh",
    "users_and_databases.sql",
    "precheck.sql",
    "aftercheck.sql",
]
CONNECTION = READY.connections[0]
WINDOW = {"V2_MAINTENANCE_DAY": "PGR080", "V2_MAINTENANCE_TIME": "PGR080"}
REGION = {"V2_HOST": "PGR002", "V2_REGION": "PGR002"}


def blanks(**changes):
    return {
        each.name: each.reason.rule.id
        for each in build_target(facts(**changes)).blanks
        if each.name != "V2_PASSWORD"
    }


def user(name):
    return DbUser(name=name, cluster_id=ID, is_system=False, created_by="ionos:iam:cloud::users/1")


def database(name, owner, created_by="ionos:iam:cloud::users/1"):
    return ClusterDatabase(name=name, cluster_id=ID, owner=owner, created_by=created_by)


def test_both_checks_name_the_cluster_and_nothing_but_an_id():
    whole, odd = pack_files(FACTS), pack_files(facts(id="x'; DROP TABLE y; --"))

    for name in ("precheck.sql", "aftercheck.sql"):
        assert f"SET LOCAL pgbot.cluster = '{ID}';" in whole[name]
        assert "SET LOCAL pgbot.cluster = '';" in odd[name]
        assert whole["STEPS.md"].count(name) >= 1


def test_the_files_in_reading_order():
    assert [each.name for each in pack(FACTS, assess(FACTS), create_cluster)] == FILES


def test_the_same_facts_give_the_same_bytes_in_whatever_order_they_came():
    users = (user("zoe"), user("anna"), *FACTS.users)
    databases = (database("zoo", "zoe"), database("app", "anna"), *FACTS.databases)
    first = pack_files(facts(users=users, databases=databases))

    assert pack_files(facts(users=users[::-1], databases=databases[::-1])) == first


def test_the_body_keeps_what_v2_can_express_in_v2s_units():
    assert json.loads(pack_files(FACTS)["body.json"]) == {
        "properties": {
            "name": "orders-prod",
            "version": "16",
            "replicationMode": "ASYNCHRONOUS",
            "instances": {"count": 2, "ram": 8, "cores": 4, "storageSize": 100},
            "connection": {
                "datacenterId": CONNECTION.datacenter_id,
                "lanId": "2",
                "primaryInstanceAddress": "192.168.1.100/24",
            },
            "maintenanceWindow": {"time": "12:15:19", "dayOfTheWeek": "Monday"},
            "backup": {"location": "eu-central-3", "retentionDays": 7},
            "credentials": {"username": "orders", "password": "<V2_PASSWORD>", "database": "orders"},
            "connectionPooler": "DISABLED",
            "logsEnabled": False,
            "metricsEnabled": False,
        }
    }


def test_the_body_breaks_the_specification_until_the_password_is_filled_in():
    body = pack_files(FACTS)["body.json"]

    assert request_errors(body) == ["properties/credentials/password"]
    assert request_errors(fill_samples(body, build_target(FACTS))) == []


def test_no_file_holds_the_sample_password():
    assert not [name for name, text in pack_files(FACTS).items() if str(PASSWORD.sample) in text]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"name": ""}, {"V2_NAME": "PGR040"}),
        ({"postgres_version": None}, {"V2_VERSION": "PGR032"}),
        ({"postgres_version": "16.4"}, {"V2_VERSION": "PGR030"}),
        ({"postgres_version": "18"}, {"V2_VERSION": "PGR030"}),
        ({"postgres_version": "12"}, {"V2_VERSION": "PGR032"}),
        ({"postgres_version": "12", "v2_versions": MISSING}, {"V2_VERSION": "PGR032"}),
        ({"postgres_version": "16.4", "v2_versions": MISSING}, {"V2_VERSION": "PGR030"}),
        ({"v2_versions": MISSING}, {}),
        ({"instances": None}, {"V2_INSTANCES": "PGR016"}),
        ({"instances": 6}, {"V2_INSTANCES": "PGR016"}),
        ({"cores": None}, {"V2_CORES": "PGR013"}),
        ({"cores": 0}, {"V2_CORES": "PGR013"}),
        ({"cores": 63}, {"V2_CORES": "PGR013"}),
        ({"ram_mb": None}, {"V2_RAM": "PGR011"}),
        ({"ram_mb": 241 * 1024}, {"V2_RAM": "PGR011"}),
        ({"storage_mb": None}, {"V2_STORAGE": "PGR017"}),
        ({"storage_mb": 0}, {"V2_STORAGE": "PGR014"}),
        ({"connections": ()}, dict.fromkeys(("V2_DATACENTER_ID", "V2_LAN_ID", "V2_ADDRESS"), "PGR005")),
        ({"connections": (replace(CONNECTION, datacenter_id="x"),)}, {"V2_DATACENTER_ID": "PGR005"}),
        ({"connections": (replace(CONNECTION, lan_id=None),)}, {"V2_LAN_ID": "PGR005"}),
        ({"connections": (replace(CONNECTION, lan_id="LAN 2"),)}, {"V2_LAN_ID": "PGR005"}),
        ({"connections": (replace(CONNECTION, address="192.168.1.1"),)}, {"V2_ADDRESS": "PGR005"}),
        ({"connections": (replace(CONNECTION, address="primary"),)}, {"V2_ADDRESS": "PGR006"}),
        ({"connections": (replace(CONNECTION, address=None),)}, {"V2_ADDRESS": "PGR006"}),
        ({"connections": (replace(CONNECTION, address="10.233.1.9/24"),)}, {"V2_ADDRESS": "PGR007"}),
        ({"connections": (replace(CONNECTION, address="10.0.0.9/255.0.0.0"),)}, {"V2_ADDRESS": "PGR005"}),
        ({"connections": (replace(CONNECTION, address="10.210.0.9/24"),)}, {"V2_ADDRESS": "PGR006"}),
        ({"maintenance": None}, WINDOW),
        ({"maintenance": MaintenanceWindow(day="Monday", time="1:00")}, {"V2_MAINTENANCE_TIME": "PGR081"}),
        ({"maintenance": MaintenanceWindow(day="Montag", time="01:00:00")}, {"V2_MAINTENANCE_DAY": "PGR080"}),
        ({"maintenance": MaintenanceWindow(day="Montag", time=None)}, WINDOW),
        ({"replication": None}, {"V2_REPLICATION_MODE": "PGR020"}),
        ({"replication": "QUORUM"}, {"V2_REPLICATION_MODE": "PGR020"}),
        ({"replication": "SYNCHRONOUS"}, {"V2_REPLICATION_MODE": "PGR020"}),
        ({"replication": "STRICTLY_SYNCHRONOUS"}, {"V2_REPLICATION_MODE": "PGR021"}),
        ({"replication": "STRICTLY_SYNCHRONOUS", "instances": 3}, {}),
        ({"pooler": "statement"}, {"V2_CONNECTION_POOLER": "PGR071"}),
        ({"pooler": None}, {}),
        (
            {"pooler": None, "oddities": ("properties.connectionPooler: 5",)},
            {"V2_CONNECTION_POOLER": "PGR071"},
        ),
        ({"backup_location": None}, {"V2_BACKUP_LOCATION": "PGR050"}),
        ({"backup_location": "de"}, {"V2_BACKUP_LOCATION": "PGR050"}),
        ({"v2_locations": MISSING}, {"V2_BACKUP_LOCATION": "PGR050"}),
        ({"v2_locations": ()}, {"V2_BACKUP_LOCATION": "PGR050"}),
        ({"users": MISSING}, {"V2_USERNAME": "PGR102"}),
        ({"users": ()}, {"V2_USERNAME": "PGR102"}),
        ({"users": (DbUser(name="metrics", cluster_id=ID, is_system=True),)}, {"V2_USERNAME": "PGR102"}),
        ({"users": (user("orders"), user("reports"))}, {"V2_USERNAME": "PGR100"}),
        ({"databases": MISSING}, {"V2_DATABASE": "PGR104"}),
        ({"databases": (database("a1", "orders"), database("b2", "orders"))}, {"V2_DATABASE": "PGR103"}),
        ({"databases": (database("shop-data", "orders"),)}, {"V2_DATABASE": "PGR104"}),
        ({"region": "xx/abc", "dns_name": None}, REGION),
        ({"region": "not stated", "dns_name": None}, REGION),
        ({"region": "not stated"}, {}),
    ],
)
def test_what_nobody_but_a_person_can_know_is_left_blank(changes, expected):
    given = facts(**changes)

    assert blanks(**changes) == expected
    for name in expected:
        assert f"`{name}`" in pack_files(given)["README.md"]
    assert request_errors(fill_samples(pack_files(given)["body.json"], build_target(given))) == []


@pytest.mark.parametrize(
    ("changes", "what", "before", "after", "rule"),
    [
        ({"name": "orders prod!"}, "name", "orders prod!", "orders-prod", "PGR040"),
        ({"name": "\u65e5\u672c"}, "name", "\u65e5\u672c", "cluster-46c151c7", "PGR040"),
        ({"name": "!", "id": "!"}, "name", "!", "cluster", "PGR040"),
        ({"ram_mb": 2048}, "RAM per instance", "2048 MB", "4 GB", "PGR010"),
        ({"ram_mb": 5000}, "RAM per instance", "5000 MB", "5 GB", "PGR012"),
        ({"ram_mb": 2500}, "RAM per instance", "2500 MB", "4 GB", "PGR010 PGR012"),
        ({"storage_mb": 2048}, "storage per instance", "2048 MB", "10 GB", "PGR014"),
        ({"storage_mb": 30480}, "storage per instance", "30480 MB", "30 GB", "PGR015"),
        ({"pooler": ""}, "connection pooler", "on, no mode", "transaction", "PGR071"),
    ],
)
def test_what_v2_does_not_take_is_made_to_fit_and_said(changes, what, before, after, rule):
    (fitted,) = build_target(facts(**changes)).fitted

    assert (fitted.what, fitted.before, fitted.after) == (what, before, after)
    assert [each.rule.id for each in fitted.reasons] == rule.split()
    assert f"`{after}`" in pack_files(facts(**changes))["README.md"]


def test_the_page_names_every_finding_but_those_that_only_inform():
    given = facts(pooler="session", ram_mb=2048)
    page, found = pack_files(given)["README.md"], assess(given).findings

    assert {"PGR070", "PGR010", "PGR000"} <= {each.rule.id for each in found}
    for finding in found:
        assert (f"**{finding.rule.id}** (" in page) == (finding.severity is not Severity.INFO), finding


def test_what_v2_should_show_is_a_value_or_not_known():
    steps = pack_files(facts(replication="SYNCHRONOUS", backup_location="de"))["STEPS.md"]

    assert "- Replication mode: unknown (PGR020)." in steps
    assert "- Backup location: unknown (PGR050)." in steps
    assert "- Maintenance day: `" in steps
    assert "<V2_" not in steps


def test_the_old_name_becomes_the_description():
    body = json.loads(pack_files(facts(name="orders prod"))["body.json"])["properties"]

    assert (body["name"], body["description"]) == ("orders-prod", "orders prod")


def test_once_v2_shows_the_cluster_its_own_values_are_used():
    twin = replace(
        READY,
        api=Api.V2,
        backup_location="eu-central-4",
        backup_retention_days=14,
        description="Orders",
        logs_enabled=True,
        pooler="SESSION",
    )
    here = BackupLocation(id="1", contract="shop", region="de/txl", name="eu-central-4")
    files = pack_files(facts(v2_cluster=twin, v2_locations=(here,)))
    body = json.loads(files["body.json"])["properties"]

    assert body["backup"] == {"location": "eu-central-4", "retentionDays": 14}
    assert (body["description"], body["logsEnabled"], body["connectionPooler"]) == ("Orders", True, "SESSION")
    assert "The values are from v2" in files["README.md"]
    assert "--logs-enabled" in files["ionosctl.sh"]


def test_a_probable_successor_is_not_taken_for_the_cluster():
    other = replace(READY, api=Api.V2, id="0b41a0de-0000-4000-8000-000000000001", cores=9)
    files = pack_files(facts(v2_successor=other))

    assert json.loads(files["body.json"])["properties"]["instances"]["cores"] == READY.cores
    assert blanks(v2_successor=other) == {"V2_CLUSTER_ID": "PGR009"}
    assert 'id = "de/txl:${var.v2_cluster_id}"' in files["adopt_v2.tf"]
    assert "${V2_CLUSTER_ID:?" in files["ionosctl.sh"]


def test_terraform_lets_go_of_v1_and_adopts_v2_without_destroying():
    read = hcl2.loads(pack_files(FACTS)["adopt_v2.tf"])
    removed, (adopted,) = read["removed"], read["import"]
    resource = read["resource"][0]['"ionoscloud_pg_cluster_v2"']['"orders-prod"']

    assert [each["from"] for each in removed] == [
        "${ionoscloud_pg_cluster.orders-prod}",
        "${ionoscloud_pg_user.orders}",
        "${ionoscloud_pg_database.orders}",
    ]
    assert all(each["lifecycle"][0]["destroy"] is False for each in removed)
    assert adopted["to"] == "${ionoscloud_pg_cluster_v2.orders-prod}"
    assert hcl_text(adopted["id"]) == f"de/txl:{ID}"
    assert resource["lifecycle"][0]["prevent_destroy"] is True
    assert resource["instances"] == {"count": 2, "cores": 4, "ram": 8, "storage_size": 100}
    assert resource["logs_enabled"] is False
    assert resource["credentials"]["password"] == "${var.v2_password}"


def test_every_blank_is_a_variable_of_terraform_and_the_password_is_ephemeral():
    given = facts(connections=(), instances=None, region="xx/abc", dns_name=None)
    text = pack_files(given)["adopt_v2.tf"]
    variables = {
        name.strip('"'): value for each in hcl2.loads(text)["variable"] for name, value in each.items()
    }

    assert set(variables) == {each.name.lower() for each in build_target(given).blanks} - {"v2_host"}
    assert variables["v2_instances"]["type"] == "number"
    assert variables["v2_password"]["ephemeral"] is True
    assert all(f"var.{name}" in text for name in variables)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("orders-prod", "orders-prod"), ("1st", "cluster_1st"), ("", "cluster"), ("a.b c", "a_b_c")],
)
def test_a_resource_needs_a_name_that_terraform_takes(name, expected):
    assert label(name) == expected


def test_the_script_looks_and_does_not_create_unless_told(tmp_path):
    code, calls = run_script(tmp_path, pack_files(FACTS)["ionosctl.sh"])

    assert code == 0
    assert len(calls) == 7
    assert not [call for call in calls if "create" in call]
    assert calls[-1] == ["dbaas", "postgres-v2", "cluster", "get", "--location", "de/txl", "--cluster-id", ID]


def documented_flags():
    """Return the flags of every ionosctl command, from its own help."""
    lines = (Path(__file__).parents[1] / "specs" / "ionosctl-6.10.3.txt").read_text().splitlines()
    found = (line.removeprefix("ionosctl ").split(":") for line in lines)
    return {name: {f"--{flag}" for flag in flags.split()} for name, flags in found}


@pytest.mark.parametrize("word", ["look", "create"])
def test_the_script_uses_documented_commands_and_flags_alone(tmp_path, word):
    twin = replace(READY, api=Api.V2, description="Orders", logs_enabled=True, metrics_enabled=True)
    script = pack_files(facts(v2_cluster=twin))["ionosctl.sh"]
    _, calls = run_script(tmp_path, script, word, V2_PASSWORD="x")

    for call in calls:
        command = list(itertools.takewhile(lambda each: not each.startswith("--"), call))
        flags = {each for each in call[len(command) :] if each.startswith("--")}
        assert flags <= documented_flags()[" ".join(command)], call


def test_the_script_creates_what_the_body_says(tmp_path):
    code, (call,) = run_script(tmp_path, pack_files(FACTS)["ionosctl.sh"], "create", V2_PASSWORD="a $b 'c'")
    flags = dict(zip(call[4::2], call[5::2], strict=True))

    assert code == 0
    assert call[:4] == ["dbaas", "postgres-v2", "cluster", "create"]
    assert flags["--ram"] == "8"
    assert flags["--backup-location"] == "eu-central-3"
    assert flags["--cidr"] == "192.168.1.100/24"
    assert flags["--db-password"] == "a $b 'c'"


def test_the_script_stops_for_a_blank_before_it_calls_anything(tmp_path):
    code, calls = run_script(tmp_path, pack_files(FACTS)["ionosctl.sh"], "create")

    assert code != 0
    assert calls == []


def test_the_script_knows_no_other_word(tmp_path):
    assert run_script(tmp_path, pack_files(FACTS)["ionosctl.sh"], "delete") == (2, [])


def sql_names(text):
    """Return the users to make, and the databases with their owners, of the script's variables."""
    given = psql_variables(text)
    users = [value for name, value in given.items() if name.startswith("role_")]
    databases = {
        value: given[name.replace("database", "owner")]
        for name, value in given.items()
        if name.startswith("database_")
    }
    return users, databases


def test_sql_makes_users_before_the_databases_that_they_own_and_leaves_out_what_v2_makes():
    given = facts(
        users=(user("reports-ro"), *FACTS.users),
        databases=(*FACTS.databases, database("my reports", "reports-ro"), database("old", "ghost")),
    )
    text = pack_files(given)["users_and_databases.sql"]

    assert sql_names(text) == (
        ["reports-ro"],
        {"my reports": "reports-ro", "old": "", "orders": "orders"},
    )
    assert psql_variables(text)["primary"] == "orders"
    assert psql_variables(text)["initial"] == ""
    assert (
        "-- The owner of old, ghost, is not in the list of users. The primary user becomes the owner.\n"
        in text
    )
    assert 'dbname=postgres"\n' in text


def test_sql_knows_the_initial_database_and_its_owner():
    text = pack_files(facts(users=FACTS.users, databases=FACTS.databases))["users_and_databases.sql"]

    assert sql_names(text) == ([], {"orders": "orders"})
    assert psql_variables(text)["initial"] == "orders"


def test_sql_says_what_could_not_be_read():
    text = pack_files(facts(users=MISSING, databases=MISSING))["users_and_databases.sql"]

    assert sql_names(text) == ([], {})
    assert text.count(MISSING.why) == 2


def test_sql_makes_nothing_of_which_v1_does_not_say_whose_it_is():
    unclear = DbUser(name="maybe", cluster_id=ID)
    text = pack_files(facts(users=(unclear,), databases=(database("perhaps", "maybe", created_by=None),)))[
        "users_and_databases.sql"
    ]

    assert sql_names(text) == ([], {})
    assert "system user: maybe" in text
    assert "who created this database: perhaps" in text


def test_the_steps_name_person_window_way_back_and_what_has_none():
    text = pack_files(FACTS)["STEPS.md"]

    for words in (
        "`@alice`",
        "`Monday 12:15:19 UTC`",
        "pending",
        "To undo",
        "You cannot undo",
        "metadata.dnsName",
        "terraform plan",
    ):
        assert words in text
    assert "https://postgresql.de-txl.ionos.com/clusters" in text


def test_the_steps_list_what_must_change_first_with_commands_that_can_be_copied():
    text = pack_files(facts(name="orders prod", owner=None, maintenance=None))["STEPS.md"]

    assert "**PGR040** (action, documented)" in text
    assert f"/pg cluster rename {ID}" in text
    assert f"ionosctl dbaas postgres cluster update --cluster-id {ID} --name NEW-NAME" in text
    assert "**PGR080**" in text
    assert "Maintenance window: not set." in text
    assert "Owner: not named in app.yaml." in text


def test_the_steps_say_that_there_is_nothing_to_change():
    ready = replace(assess(FACTS), findings=(), questions=())
    steps = next(each.text for each in pack(FACTS, ready, create_cluster) if each.name == "STEPS.md")

    assert "Nothing to do: the check" in steps
    assert "Nothing to do: the check" not in pack_files(facts(name="orders prod"))["STEPS.md"]


def test_a_waived_finding_stays_in_the_steps_with_who_why_and_until_when():
    given = facts(name="orders prod")
    assessment = assess(given)
    waiver = Waiver("PGR040", ID, NOW, "U1", "renamed in *May*")
    findings = tuple(
        replace(each, waiver=waiver) if each.rule.id == "PGR040" else each for each in assessment.findings
    )
    files = {
        each.name: each.text for each in pack(given, replace(assessment, findings=findings), create_cluster)
    }

    assert "Waived until 2026-11-23 by `U1`: renamed in \\*May\\*" in files["STEPS.md"]


def test_a_network_address_is_kept_as_it_is_written():
    given = facts(connections=(Connection(datacenter_id=ID, lan_id="7", address="10.0.0.5/16"),))

    assert '"primaryInstanceAddress": "10.0.0.5/16"' in pack_files(given)["body.json"]
