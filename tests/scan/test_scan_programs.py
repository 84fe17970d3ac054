"""Programs beyond the judged ones: each a file or folder, and the lines in which a rule fires."""

from pathlib import Path

import pytest
from scan_kit import ID, V1, V2

from migrations.scan.scan import KnownCluster, scan_paths

KNOWN = (KnownCluster(ID, "orders-prod"),)
JAVA = "import com.ionoscloud.dbaaspostgres.api.*;\n"
NODE = 'import * as pg from "@ionos-cloud/sdk-nodejs-dbaas-postgres";\n'
GO = 'import psql "github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v2"\n'
PYTHON = "from ionoscloud_dbaas_postgres import Configuration as C\n"
BASE = f'base = "{V1}"\n'

CASES = [
    # calls whose client another file of the folder makes
    ({"a.go": GO, "b.go": "_ = s.c.RestoresApi.\n\tClusterRestorePost(ctx, id)"}, "b.go", {(2, "PGR131")}),
    ({"A.java": JAVA, "B.java": 'a.users.usersPost("x", u);'}, "B.java", {(1, "PGR130")}),
    ({"a.py": PYTHON, "b.py": "f.api.clusters_patch(i, {})"}, "b.py", {(1, "PGR122")}),
    ({"a.ts": NODE, "other/b.ts": "x.usersPost(1)"}, "other/b.ts", set()),
    ({"a.go": GO, "b.go": 'import "x/sdk-go-dbaas-mongo"\nvar _ = c.ClustersPatch(1)'}, "b.go", set()),
    # the SDKs under other names and with other forms of a call
    ({"a.py": PYTHON + "c = C(username=u, password=p)"}, "a.py", {(1, "PGR133"), (2, "PGR120")}),
    ({"a.py": 'import_module("ionoscloud_dbaas_postgres")'}, "a.py", {(1, "PGR133")}),
    ({"a.java": JAVA + "api.clustersPatchWithHttpInfo(id, r);"}, "a.java", {(1, "PGR133"), (2, "PGR122")}),
    ({"a.java": JAVA + "p.ram(4096).cores(2);"}, "a.java", {(1, "PGR133"), (2, "PGR123")}),
    (
        {"a.ts": NODE.replace("* as pg", "{ Configuration as C }") + "new C({\n password: p })"},
        "a.ts",
        {(1, "PGR133"), (3, "PGR120")},
    ),
    ({"a.ts": NODE + "const p = { ram: 4096 };"}, "a.ts", {(1, "PGR133")}),
    # requests by hand
    ({"a.cs": f'// {V1}\nstring u = @"{V1}";'}, "a.cs", {(2, "PGR124")}),
    (
        {"a.cs": BASE + 'c.Delete(Url + "/clusters/" + id + "/users/x");'},
        "a.cs",
        {(1, "PGR124"), (2, "PGR130")},
    ),
    (
        {"a.php": f"<?php\n# {V1}\n$b = '{V1}/';\n$c->request('PATCH', 'clusters/1');"},
        "a.php",
        {(3, "PGR124"), (4, "PGR122")},
    ),
    (
        {"a.ps1": f"$u = '{V1}'\n<# {V1} #>\niwr `\n -Uri $u `\n -Method PATCH"},
        "a.ps1",
        {(1, "PGR124"), (5, "PGR122")},
    ),
    (
        {"a.rb": f"=begin\n{V1}\n=end\nB = '{V1}'\nNet::HTTP::Patch.new(B)\n__END__\n{V1}"},
        "a.rb",
        {(4, "PGR124"), (5, "PGR122")},
    ),
    ({"a.ts": BASE + 'axios({ method: "patch", url: base });'}, "a.ts", {(1, "PGR124"), (2, "PGR122")}),
    ({"a.ts": BASE + "const r = /[\"'`]/;\nconst s = 'BUSY';"}, "a.ts", {(1, "PGR124"), (3, "PGR125")}),
    ({"a.py": BASE + 's.auth = ("u", p)'}, "a.py", {(1, "PGR124"), (2, "PGR120")}),
    ({"a.py": BASE + 's.delete("/clusters/" + i + "/users/bob")'}, "a.py", {(1, "PGR124"), (2, "PGR130")}),
    (
        {"a.py": 'H = "https://api.ionos.com"\nget(H + "/databases/postgresql/clusters")'},
        "a.py",
        {(2, "PGR124")},
    ),
    # what a program serves, sends elsewhere or exposes itself
    ({"a.ts": BASE + 'router.patch("/clusters/:id/users", f);'}, "a.ts", {(1, "PGR124")}),
    (
        {"a.ts": BASE + "fetch(`https://x.example.com/clusters/1`, { method: 'PATCH' });"},
        "a.ts",
        {(1, "PGR124")},
    ),
    ({"a.py": BASE + '@app.patch("/clusters/{i}/users")\ndef f(): ...'}, "a.py", {(1, "PGR124")}),
    ({"A.java": BASE + '@PatchMapping("/clusters/{id}/users")'}, "A.java", {(1, "PGR124")}),
    ({"a.ts": f"fetch('{V2}/clusters/1', {{ method: 'PATCH' }});"}, "a.ts", set()),
    ({"a.py": 'ROUTE = "/databases/postgresql/clusters"  # ionos'}, "a.py", set()),
    (
        {
            "a.go": 'g := GaugeOpts{Name: "ionos_dbaas_postgres_up"}',
            "a.yml": "expr: ionos_dbaas_postgres_up == 0",
        },
        "a.yml",
        set(),
    ),
    # signatures
    ({"a.nix": 's = "ionosctl dbaas postgres cluster list";'}, "a.nix", {(1, "PGR124")}),
    ({"a.ex": 'cmd("ionosctl", ["dbaas", "postgres", "user", "list"])'}, "a.ex", {(1, "PGR130")}),
    ({"a.r": f'PATCH("{V1}/clusters/1")'}, "a.r", {(1, "PGR122"), (1, "PGR124")}),
    ({"a.sql": f"-- {V1}\nSELECT '{V1}';"}, "a.sql", {(2, "PGR124")}),
    ({"a.json": '{"text": "ionoscloud_pg_cluster is prose"}'}, "a.json", set()),
    ({"a.rs": '"ionosctl", "dbaas", "postgres-v2", "cluster"'}, "a.rs", set()),
    ({"a.rs": '"ionoscloud_pg_cluster_v2 visionos-cloud/sdk-nodejs-dbaas-postgres"'}, "a.rs", set()),
    # manifests and lock files
    (
        {"yarn.lock": '"@ionos-cloud/sdk-nodejs-dbaas-postgres@^1.0":\n  version "1.0.3"'},
        "yarn.lock",
        {(1, "PGR133")},
    ),
    ({"package.json": '{"x": "no @ionos-cloud/sdk-nodejs-dbaas-postgres"}'}, "package.json", set()),
    (
        {"environment.yml": "dependencies:\n- ionoscloud-dbaas-postgres=1.2"},
        "environment.yml",
        {(2, "PGR133")},
    ),
    (
        {"environment.yml": "dependencies:\n- pip:\n  - ionoscloud-dbaas-postgres>=3.0.1"},
        "environment.yml",
        set(),
    ),
    (
        {"Pipfile.lock": '{"default": {"ionoscloud-dbaas-postgres": {"version": "==1.2.0"}}}'},
        "Pipfile.lock",
        {(1, "PGR133")},
    ),
    (
        {"build.sbt": '"com.ionoscloud.dbaaspostgres" % "ionos-cloud-sdk-dbaas-postgres" % "1.0.2"'},
        "build.sbt",
        {(1, "PGR133")},
    ),
    ({"a.gradle": "// com.ionoscloud.dbaaspostgres:ionos-cloud-sdk-dbaas-postgres:1"}, "a.gradle", set()),
]


def scan(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return scan_paths([folder], known=KNOWN)


@pytest.mark.parametrize(("files", "judged", "expected"), CASES)
def test_lines_and_rules(files, judged, expected, tmp_path):
    hits = scan(tmp_path, files).hits

    assert {(hit.line, hit.rule_id) for hit in hits if Path(hit.path) == tmp_path / judged} == expected


PROVIDERS = [
    (
        "a.go",
        'import "github.com/ionos-cloud/pulumi-ionoscloud/sdk/go/ionoscloud/dbaas"\n'
        'orders, err := dbaas.NewPSQLCluster(ctx, "o", &dbaas.PSQLClusterArgs{\n'
        ' DisplayName: pulumi.String("orders-prod"), Ram: pulumi.Int(4096),\n})\n'
        "_, err = dbaas.NewPSQLUser(ctx, &dbaas.PSQLUserArgs{ClusterId: orders.ID()})\n"
        'dbaas.NewPSQLClusterV2(ctx, "orders-prod", &dbaas.PSQLClusterV2Args{Ram: pulumi.Int(4096)})\n',
        {(2, "PGR132"), (3, "PGR123"), (5, "PGR132")},
    ),
    (
        "A.java",
        "import com.hashicorp.cdktf.providers.ionoscloud.pg_cluster.PgCluster;\n"
        'PgCluster.Builder.create(this, "o").displayName("orders-prod").build();\n',
        {(2, "PGR132")},
    ),
    (
        "a.py",
        "import pulumi_ionoscloud as io\n"
        'orders = io.dbaas.PSQLCluster("o", display_name="orders-prod", ram=4 * 1024)\n'
        'io.dbaas.PSQLUser("u", cluster_id=orders.id)\n'
        'io.dbaas.MongoCluster("orders-prod", ram=4096)\n'
        'io.dbaas.get_psql_cluster(display_name="orders-prod")\n',
        {(2, "PGR132"), (2, "PGR123"), (3, "PGR132"), (5, "PGR132")},
    ),
]


@pytest.mark.parametrize(("name", "text", "expected"), PROVIDERS)
def test_declared_clusters_are_attributed(name, text, expected, tmp_path):
    hits = scan(tmp_path, {name: text}).hits

    assert {(hit.line, hit.rule_id) for hit in hits if hit.cluster == ID} == expected
