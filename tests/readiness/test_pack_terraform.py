"""The pack's Terraform: sound by the provider's documented schema, with one version of each everywhere."""

import re
from dataclasses import replace

import hcl2
import pytest
from hcl_schema import find_hcl_errors, terraform_schema
from pack_kit import hcl_text, pack_files
from rule_kit import FACTS, ID, MISSING, facts

from bot.domain.cluster import Api, ClusterDatabase, DbUser
from migrations.pack.terraform import PROVIDER_VERSION, TERRAFORM_VERSION

OURS, PLATFORMS = "ionos:iam:cloud::users/1", "ionos:iam:cloud:_system_"
SOUND = pack_files(FACTS)


def user(name, *, is_system=False):
    return DbUser(name=name, cluster_id=ID, is_system=is_system, created_by=OURS)


def database(name, created_by=OURS):
    return ClusterDatabase(name=name, cluster_id=ID, owner="orders", created_by=created_by)


def removed(given):
    return [each["from"][2:-1] for each in hcl2.loads(pack_files(given)["adopt_v2.tf"])["removed"]]


def module_errors(given):
    files = pack_files(given)
    return find_hcl_errors(files["adopt_v2.tf"], files["provider_v2.tf"])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "", "connections": (), "instances": None, "maintenance": None, "replication": "SYNCHRONOUS"},
        {"region": "xx/abc", "dns_name": None, "cores": 63, "ram_mb": None, "storage_mb": None},
        {"users": (), "databases": (), "backup_location": "de", "pooler": "statement"},
        {"users": MISSING, "databases": MISSING, "v2_versions": MISSING},
        {"v2_successor": replace(FACTS.cluster, api=Api.V2, id="0b41a0de-0000-4000-8000-000000000001")},
        {"v2_cluster": replace(FACTS.cluster, api=Api.V2, description="Orders", logs_enabled=True)},
        {"region": "de/fra/2"},
    ],
)
def test_the_files_keep_to_the_schema(changes):
    assert module_errors(facts(**changes)) == []


def test_users_and_databases_are_let_go_before_terraform_could_drop_them():
    given = facts(
        users=(
            user("orders"),
            user("reports-ro"),
            user("unclear", is_system=None),
            user("postgres", is_system=True),
        ),
        databases=(database("orders"), database("shop data"), database("template", PLATFORMS)),
    )

    assert removed(given) == [
        "ionoscloud_pg_cluster.orders-prod",
        "ionoscloud_pg_user.orders",
        "ionoscloud_pg_user.reports-ro",
        "ionoscloud_pg_user.unclear",
        "ionoscloud_pg_database.orders",
        "ionoscloud_pg_database.shop_data",
    ]
    kinds = {each.partition(".")[0] for each in removed(given)[1:]}
    assert kinds == set(terraform_schema()["without_v2_counterpart"])
    assert len(hcl2.loads(pack_files(given)["adopt_v2.tf"])["import"]) == 1


def test_names_that_would_become_one_address_stay_apart():
    users = tuple(map(user, ("a b", "a_b", "a.b", "a_b_2", "1", "-", "\u65e5")))

    found = removed(facts(users=users, databases=tuple(map(database, ("a b", "a_b")))))

    assert len(found) == len(set(found)) == 10
    assert module_errors(facts(users=users)) == []


def test_what_could_not_be_read_is_said_where_its_blocks_would_be():
    text = pack_files(facts(users=MISSING, databases=MISSING))["adopt_v2.tf"]

    assert text.count(f"could not be read: {MISSING.why}") == 2
    assert removed(facts(users=MISSING, databases=MISSING)) == ["ionoscloud_pg_cluster.orders-prod"]


@pytest.mark.parametrize("region", ["de/txl", "de/fra/2", "us/mci"])
def test_the_import_has_the_documented_form(region):
    (adopted,) = hcl2.loads(pack_files(facts(region=region, dns_name=None))["adopt_v2.tf"])["import"]
    form = terraform_schema()["resources"]["ionoscloud_pg_cluster_v2"]["import_id"]

    assert re.fullmatch(form, hcl_text(adopted["id"]))


def test_one_version_of_the_provider_and_of_terraform_is_named_everywhere():
    core, (declared,) = terraform_schema()["terraform"], hcl2.loads(SOUND["provider_v2.tf"])["terraform"]
    provider = declared["required_providers"][0]["ionoscloud"]
    every = "".join(SOUND.values())
    needed = [each["since"] for each in core["blocks"].values()]
    needed += [core["write_only_since"], core["import_id_expression_since"]]
    needed.append(core["blocks"]["variable"]["attributes"]["ephemeral"]["since"])

    assert hcl_text(provider["source"]) == terraform_schema()["provider"]["source"]
    assert hcl_text(provider["version"]) == f">= {terraform_schema()['provider']['release']}"
    assert hcl_text(declared["required_version"]) == f">= {max(needed, key=version)}"
    assert set(re.findall(r"\b6\.\d+\.\d+", every)) == {PROVIDER_VERSION}
    assert set(re.findall(r"\b1\.\d+\.\d+", every)) == {TERRAFORM_VERSION}
    assert all(each in SOUND["README.md"] for each in (PROVIDER_VERSION, TERRAFORM_VERSION))


def version(text):
    return tuple(map(int, text.split(".")))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("retention_days", "kept_days", "backup.kept_days: unknown"),
        ("retention_days = 7", "", "backup.retention_days: missing"),
        ("= 7", '= "7"', "is not a number"),
        ("logs_enabled      = false", 'logs_enabled = "false"', "is not a bool"),
        ('= "ASYNCHRONOUS"', '= "SYNCHRONOUS"', "is not one of"),
        ("var.v2_password", "var.v2_secret", "is not a variable of type string"),
        ('"orders"', "var.v2_password", "is ephemeral"),
        ("  lifecycle {\n    destroy = false\n  }\n", "", "removed.lifecycle: missing"),
        ("ionoscloud_pg_user.orders", "ionoscloud_pg_user_v2.orders", "no address of a documented resource"),
        ("ionoscloud_pg_user.orders", "ionoscloud_pg_cluster.orders-prod", "twice"),
        (
            "from = ionoscloud_pg_cluster.",
            "from = ionoscloud_pg_cluster_v2.",
            "its resource block is still there",
        ),
        (
            "to = ionoscloud_pg_cluster_v2.orders-prod",
            "to = ionoscloud_pg_cluster_v2.x",
            "no such resource block",
        ),
        ('resource "ionoscloud_pg_cluster_v2"', 'resource "ionoscloud_pg_cluster_v3"', "no such resource"),
        ("  name  ", "  dns_name = 1\n  name", "computed, not to be set"),
        ("import {", "moved {", "moved: unknown block"),
    ],
)
def test_the_check_sees_what_the_schema_does_not_allow(before, after, words):
    broken = SOUND["adopt_v2.tf"].replace(before, after)

    assert broken != SOUND["adopt_v2.tf"]
    assert [each for each in find_hcl_errors(broken, SOUND["provider_v2.tf"]) if words in each]
