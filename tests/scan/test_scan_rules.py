"""Each rule of the scan: a document in which it fires, and one like it in which it is quiet."""

import string
from pathlib import Path

import pytest
from scan_kit import ID, V1, V2, hits

from migrations.scan import rules
from migrations.scan.scan import scan_rules

ROOT = Path(__file__).parents[2]

TF = 'resource "ionoscloud_pg_cluster" "a" {}\n'
SDK = "import ionoscloud_dbaas_postgres as psql\n"
GO = 'import "github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v2"\n'
BASE = f'BASE = "{V1}"\n'

FIRING = [
    ("PGR120", "a.sh", f"curl -u me:secret {V1}/clusters", 1),
    ("PGR120", "a.sh", f"curl -sSu me:secret {V1}/clusters", 1),
    ("PGR120", "a.sh", f"curl -H 'Authorization: Basic bWU=' {V1}/clusters", 1),
    ("PGR120", "a.sh", f"http -a me:secret {V1}/clusters", 1),
    ("PGR120", "a.sh", f"wget --user=me --password=secret {V1}/clusters", 1),
    ("PGR120", "a.tf", TF + 'provider "ionoscloud" {\n  password = var.p\n}\n', 3),
    ("PGR120", "a.py", SDK + "psql.Configuration(username=u, password=p)", 2),
    ("PGR120", "a.py", BASE + "import requests\ns = requests.get(BASE, auth=(u, p))", 3),
    ("PGR120", "a.go", GO + 'c := shared.NewConfiguration("me", p, "", "")', 2),
    ("PGR121", "a.sh", f"curl -H 'X-Contract-Number: 1' {V1}/clusters", 1),
    ("PGR121", "a.py", BASE + 'h = {"X-Contract-Number": "1"}', 2),
    ("PGR122", "a.sh", f"curl -XPATCH {V1}/clusters/{ID}", 1),
    ("PGR122", "a.sh", f"curl --request=PATCH {V1}/clusters/{ID}", 1),
    ("PGR122", "a.sh", f"http PATCH {V1}/clusters/{ID}", 1),
    ("PGR122", "a.sh", "ionosctl dbaas postgres cluster update -i $ID", 1),
    ("PGR122", "a.py", BASE + 'httpx.request("PATCH", BASE + "/clusters/1")', 2),
    ("PGR122", "a.py", BASE + 'call("PATCH", f"/clusters/{i}")', 2),
    ("PGR122", "a.py", SDK + "psql.ClustersApi(c).clusters_patch_with_http_info(i, p)", 2),
    ("PGR122", "a.go", GO + "_ = c.ClustersApi.\n\tClustersPatch(ctx, id)", 3),
    ("PGR122", "a.go", GO + "_ = c.ClustersApi.ClustersPatch(ctx, id)", 2),
    ("PGR123", "a.tf", 'resource "ionoscloud_pg_cluster" "a" {\n  ram = 4096\n}\n', 2),
    ("PGR123", "a.yml", "- ionoscloudsdk.ionoscloud.postgres_cluster:\n    storage_size: 20480\n", 2),
    ("PGR123", "a.py", SDK + "p = psql.CreateClusterProperties(ram=4096)", 2),
    ("PGR124", "a.sh", f"curl {V1}/clusters", 1),
    ("PGR124", "a.rb", f'BASE = "{V1}"', 1),
    ("PGR124", "a.json", f'{{\n  "url": "{V1}"\n}}', 2),
    ("PGR124", "a.sh", "ionosctl -o json dbaas pgsql c ls", 1),
    ("PGR124", "a.py", 'U = "https://api.ionos.com/cloudapi/databases/postgres/clusters"', 1),
    ("PGR124", "a.py", 'run(["ionosctl", "dbaas", "postgres", "cluster", "get", "-i", cluster_id])', 1),
    ("PGR124", "a.py", 'system("ionosctl dbaas postgres cluster list | wc -l")', 1),
    ("PGR125", "a.sh", f'x=$(curl {V1})\n[ "$x" = BUSY ]', 2),
    ("PGR125", "a.py", SDK + 'while s == "DEGRADED": pass', 2),
    ("PGR126", "a.py", BASE + 'r = s.post(f"{BASE}/clusters")\nassert r.status_code == 200', 3),
    ("PGR126", "a.py", SDK + "n = api.clusters_delete(i).metadata", 2),
    ("PGR126", "a.yml", f"- uri:\n    url: {V1}/clusters\n    method: POST\n", 3),
    ("PGR127", "a.py", BASE + 'n = page["_links"]["next"]', 2),
    ("PGR127", "a.py", SDK + "n = page.links.next", 2),
    ("PGR127", "a.sh", f"curl {V1}/clusters | jq -r ._links.next", 1),
    ("PGR128", "a.sh", f"curl {V1}/clusters/$ID/logs", 1),
    ("PGR128", "a.sh", "ionosctl dbaas postgres logs list", 1),
    ("PGR128", "a.py", SDK + "psql.LogsApi(c).cluster_logs_get(i)", 2),
    ("PGR129", "a.yml", "expr: ionos_dbaas_postgres_cpu_rate5m > 1\n", 1),
    ("PGR130", "a.sh", f"curl {V1}/clusters/$ID/databases/app", 1),
    ("PGR130", "a.sh", "ionosctl dbaas postgres user create -i $ID", 1),
    ("PGR130", "a.yml", "- ionoscloudsdk.ionoscloud.postgres_cluster_user:\n    username: app\n", 1),
    ("PGR130", "a.go", GO + "_ = c.DatabasesApi.DatabasesPost(ctx, id)", 2),
    ("PGR131", "a.sh", f"curl -X POST {V1}/clusters/$ID/restore", 1),
    ("PGR131", "a.sh", "ionosctl dbaas postgres cluster restore -i $ID", 1),
    ("PGR131", "a.yml", "- ionoscloudsdk.ionoscloud.postgres_cluster:\n    state: restore\n", 1),
    ("PGR131", "a.py", BASE + 'call("POST", BASE + f"/clusters/{i}/restore")', 2),
    ("PGR132", "a.tf", TF, 1),
    ("PGR132", "a.tf", 'data "ionoscloud_pg_databases" "a" {}\n', 1),
    ("PGR132", "a.yml", "- ionoscloudsdk.ionoscloud.postgres_cluster_info:\n    api_url: x\n", 1),
    ("PGR132", "a.yml", "- ionoscloudsdk.ionoscloud.postgres_backup_info:\n  register: answer\n", 1),
    ("PGR133", "requirements-dev.txt", "ionoscloud_dbaas_postgres~=3.0.0", 1),
    ("PGR133", "a.py", SDK, 1),
    ("PGR133", "go.mod", "require github.com/ionos-cloud/sdk-go-dbaas-postgres v1.1.2", 1),
    (
        "PGR133",
        "pyproject.toml",
        '[tool.poetry.dependencies]\npython = "^3.11"\nionoscloud-dbaas-postgres = "^3.0"\n',
        3,
    ),
    ("PGR134", "a.yml", "apiVersion: dbaas.ionoscloud.crossplane.io/v1alpha1\nkind: PostgresDatabase\n", 2),
]

QUIET = [
    ("PGR120", "a.sh", f"curl -H 'Authorization: Bearer x' {V1}/clusters"),
    ("PGR120", "a.sh", f"curl -u me:secret {V2}/clusters"),
    ("PGR120", "a.tf", 'provider "ionoscloud" {\n  password = var.p\n}\n'),
    ("PGR120", "a.py", SDK + "psql.Configuration(token=t)"),
    ("PGR120", "a.go", GO + 'c := shared.NewConfiguration("", "", token, "")'),
    ("PGR121", "a.sh", "curl -H 'X-Contract-Number: 1' https://api.ionos.com/cloudapi/v6/datacenters"),
    ("PGR121", "a.py", '"""IONOS."""\nh = {"X-Contract-Number": "1"}'),
    ("PGR122", "a.sh", f"curl -X PUT {V1}/clusters/{ID}"),
    ("PGR122", "a.py", BASE + "from unittest import mock\n\nmock.patch('os.getcwd')"),
    ("PGR122", "a.sh", "ionosctl dbaas postgres-v2 cluster update -i $ID"),
    ("PGR123", "a.tf", 'resource "ionoscloud_pg_cluster_v2" "a" {\n  ram = 4\n}\n'),
    ("PGR123", "a.tf", 'resource "ionoscloud_pg_cluster" "a" {\n  ram = var.ram\n}\n'),
    ("PGR123", "a.sh", "ionosctl dbaas postgres cluster update --ram 8GB"),
    ("PGR123", "a.py", BASE + 'v2 = {"ram": 16, "storageSize": 200}'),
    ("PGR124", "a.sh", f"curl {V2}/clusters"),
    ("PGR124", "a.sh", "curl https://api.ionos.com/databases/postgresql-like/clusters"),
    ("PGR124", "a.sh", f"# curl {V1}/clusters"),
    ("PGR124", "README.md", f"curl {V1}/clusters"),
    ("PGR124", "a.sh", "echo ionosctl dbaas postgres cluster list"),
    ("PGR124", "a.js", f"// fetch('{V1}')\n/* {V1} */"),
    ("PGR124", "a.py", f'"""See {V1}."""\n# {V1}'),
    ("PGR125", "a.py", 'VENDOR = "ionos"\nSTATE = "BUSY"'),
    ("PGR125", "a.py", SDK + 'log("the cluster is BUSY now")'),
    ("PGR126", "a.py", BASE + 'r = s.post(f"{BASE}/clusters")\nassert r.status_code == 201'),
    ("PGR126", "a.yml", f"- uri:\n    url: {V1}/clusters\n    method: POST\n    status_code: [200, 201]\n"),
    ("PGR126", "a.py", SDK + "api.clusters_delete(i)"),
    ("PGR127", "a.py", BASE + 'n = page["items"]["next"]'),
    ("PGR127", "a.py", 'VENDOR = "ionos"\nn = page["_links"]["next"]'),
    ("PGR128", "a.sh", "ionosctl logging-service logs list"),
    ("PGR128", "a.sh", f"curl {V1}/clusters/$ID"),
    ("PGR129", "a.yml", "# ionos_dbaas_postgres_cpu_rate5m\nexpr: ionos_dbaas_mongo_cpu > 1\n"),
    ("PGR130", "a.sh", f"curl {V1}/clusters"),
    ("PGR130", "a.yml", "- ionoscloudsdk.ionoscloud.mongo_cluster_user:\n    username: app\n"),
    ("PGR131", "a.yml", "- ionoscloudsdk.ionoscloud.postgres_cluster_v2:\n    state: restore\n"),
    ("PGR131", "a.sh", f"curl {V1}/clusters/backups"),
    ("PGR132", "a.tf", 'data "ionoscloud_pg_clusters_v2" "a" {}\n'),
    (
        "PGR132",
        "a.tf",
        'removed {\n  from = ionoscloud_pg_cluster.a\n}\n# resource "ionoscloud_pg_user" "a" {}\n',
    ),
    ("PGR132", "a.yml", "- ionoscloudsdk.ionoscloud.mongo_cluster:\n    postgres_cluster: a\n"),
    ("PGR132", "a.yml", "- ionoscloudsdk.ionoscloud.postgres_cluster_v2_info:\n    location: de/txl\n"),
    ("PGR133", "requirements.txt", "ionoscloud-dbaas-postgres>=3.0.1\n# ionoscloud-dbaas-postgres==1.2.0\n"),
    ("PGR133", "a.go", 'import "github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v3"'),
    ("PGR133", "requirements.txt", "ionoscloud-dbaas-mongo==1.0"),
    ("PGR134", "a.yml", "apiVersion: dbaas.ionoscloud.crossplane.io/v1alpha1\nkind: MongoCluster\n"),
]


@pytest.mark.parametrize(("rule", "name", "text", "line"), FIRING)
def test_fires(rule, name, text, line, tmp_path):
    assert [at for at, _ in hits(tmp_path, name, text, rule)] == [line]


@pytest.mark.parametrize(("rule", "name", "text"), QUIET)
def test_quiet(rule, name, text, tmp_path):
    assert hits(tmp_path, name, text, rule) == []


def test_a_provider_that_knows_v2_is_quiet(tmp_path):
    exact = [f"6.7.{patch}" for patch in range(27, 41)]
    ranges = [
        "> 6.7.27, < 6.7.29",
        ">= 6.7.27, != 6.7.27",
        "~> 6.7.30",
        "~> 6.4",
        ">= 6.4.10",
        ">= 6, < 8",
        "~> 6",
    ]
    for constraint in (*exact, *ranges, "7.1.0", "> 6.7.26, < 6.7.28"):
        text = TF + f'provider "ionoscloud" {{\n  version = "{constraint}"\n}}\n'
        assert hits(tmp_path, "a.tf", text, "PGR132") == [(1, "resource ionoscloud_pg_cluster.a")]


def test_a_provider_before_v2_fires(tmp_path):
    for constraint in (
        "= 6.4.10",
        "6.7.26",
        "< 6.7.27",
        "~> 6.6.0",
        ">= 6.4, <= 6.7.20",
        "!= 6.7.27, < 6.7.28",
    ):
        text = TF + f'provider "ionoscloud" {{\n  version = "{constraint}"\n}}\n'
        assert (3, f"provider ionoscloud {constraint}") in hits(tmp_path, "a.tf", text, "PGR132")


def test_every_rule_fires_and_is_quiet_here():
    ids = {rule.id for rule in scan_rules()}

    assert ids == {f"PGR{number}" for number in range(120, 135)}
    assert {rule for rule, *_ in FIRING} == ids
    assert {rule for rule, *_ in QUIET} == ids


@pytest.mark.parametrize("rule", scan_rules(), ids=lambda rule: rule.id)
def test_a_rule_explains_itself(rule):
    lines = f"{rule.remedy.command} {rule.remedy.ionosctl} {rule.remedy.sql}"
    holes = {name for _, name, _, _ in string.Formatter().parse(lines) if name}

    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.source
    assert rule._checks
    assert rule.remedy.text.endswith(".")
    assert holes <= {"name", "id", "region"}


def test_every_file_is_a_rule():
    stems = {path.stem for path in (ROOT / "migrations" / "scan" / "rules").glob("*.py")} - {"__init__"}

    assert {rule.module.rpartition(".")[2] for rule in scan_rules()} == stems
    assert rules.__doc__
