"""Shell scripts: names, wrappers, functions, here-documents and containers that lead to a use of v1."""

import pytest
from scan_kit import ID, V1, expect, places

SCRIPTS = [
    ("a variable with the tool's name", "T=ionosctl\n$T dbaas postgres cluster list", "2:PGR124"),
    ("the same in braces and quotes", 'T=ionosctl\n"${T}" dbaas pg user list', "2:PGR130"),
    ("a variable made of another", 'T=ionosctl\nP="$T dbaas pg"\n$P logs list', "2:PGR124 3:PGR128"),
    ("a variable with the command", 'P="ionosctl dbaas postgres"\n$P user list', "1:PGR124 2:PGR130"),
    ("options in a variable", f"O='-s -X PATCH'\ncurl $O {V1}/clusters/{ID}", "2:PGR122 2:PGR124"),
    ("resource and verb in a variable", 'W="user list"\nionosctl dbaas postgres $W', "2:PGR130"),
    ("an array", 'A=(ionosctl dbaas pg c ls)\n"${A[@]}"', "1:PGR124"),
    ("a loop", f"for u in {V1}; do\ncurl -X PATCH $u/clusters/1\ndone", "1:PGR124 2:PGR122"),
    ("a host in a variable", 'H=https://api.ionos.com\ncurl "$H/databases/postgresql"', "2:PGR124"),
    ("bash -c", "bash -c 'ionosctl dbaas postgres user list'", "1:PGR130"),
    ("bash -ec over lines", "bash -ec '\nionosctl dbaas postgres user list\n'", "2:PGR130"),
    ("within another", "docker exec x sh -c \"bash -c 'ionosctl dbaas pg c ls'\"", "1:PGR124"),
    ("ssh", 'ssh admin@host "ionosctl dbaas postgres logs list"', "1:PGR128"),
    ("eval", 'eval "ionosctl dbaas postgres user list"', "1:PGR130"),
    ("wrappers", "sudo -E timeout 9 nice ionosctl dbaas pg c ls", "1:PGR124"),
    ("xargs", "xargs -n1 ionosctl dbaas postgres cluster get -i < ids", "1:PGR124"),
    ("poetry run", "poetry run ionosctl dbaas postgres user list", "1:PGR130"),
    ("docker", "docker run --rm -e A=b ionoscloud/ionosctl:v6 dbaas postgres user list", "1:PGR130"),
    ("podman", "podman run ghcr.io/ionos-cloud/ionosctl@sha256:1 dbaas pg c ls", "1:PGR124"),
    ("an image in a variable", "I=ionoscloud/ionosctl:6\ndocker run $I dbaas pg logs list", "2:PGR128"),
    ("an entry point", "docker run --entrypoint ionosctl acme/tools dbaas pg user list", "1:PGR130"),
    ("a name that is no speaker", "docker run --name info ionosctl dbaas pg user list", "1:PGR130"),
    ("kubectl", "kubectl run x --image=a/ionosctl:6 -- dbaas pg user list", "1:PGR130"),
    ("a function", 'pg() { ionosctl dbaas pg "$@"; }\npg user list', "1:PGR124 2:PGR130"),
    ("a function over lines", 'function f {\n  ionosctl "$@"\n}\nf dbaas pg logs list', "4:PGR128"),
    (
        "a function of a function",
        'a() { ionosctl "$@"; }\nb() { a dbaas pg "$@"; }\nb user list',
        "2:PGR124 3:PGR130",
    ),
    ("a method in an argument", f"r() {{ curl -X $1 {V1}$2; }}\nr PATCH /clusters/1", "1:PGR124 2:PGR122"),
    ("a function called twice", f"f() {{ curl -u a:b {V1}/clusters/$1; }}\nf 1\nf 2", "1:PGR120 1:PGR124"),
    ("an alias", "alias i='ionosctl dbaas postgres'\ni user list", "1:PGR124 2:PGR130"),
    ("a document for bash", "bash <<'E'\nionosctl dbaas pg user list\nE", "2:PGR130"),
    ("a document piped to sh", "cat <<E | sh -s\nionosctl dbaas pg user list\nE", "2:PGR130"),
    ("a script that is written", "cat > x <<E\n#!/bin/sh\nionosctl dbaas pg user list\nE", "3:PGR130"),
    ("Python in a document", "python3 - <<'E'\nimport ionoscloud_dbaas_postgres\nE", "2:PGR133"),
    ("Terraform that is written", 'cat > a.tf <<E\nresource "ionoscloud_pg_user" "a" {}\nE', "2:PGR132"),
    (
        "a manifest in a document",
        "kubectl apply -f - <<E\napiVersion: dbaas.ionoscloud.crossplane.io/v1alpha1\nkind: PostgresUser\nE",
        "3:PGR134",
    ),
    ("knife", "knife ionoscloud dbaas postgres cluster list", "1:PGR124"),
    (
        "httpie's sizes",
        f"http PATCH {V1}/clusters/{ID} properties:='{{}}' ram:=4096",
        "1:PGR122 1:PGR123 1:PGR124",
    ),
    ("the address of ionosctl", f"ionosctl datacenter list --api-url {V1}", "1:PGR124"),
]

PROSE = [
    "echo ionosctl dbaas postgres user list",
    "logger -t x ionosctl dbaas postgres user list",
    'log_info "ionosctl dbaas postgres user list"',
    'git commit -m "Replace ionosctl dbaas postgres user list"',
    'grep -r "ionosctl dbaas postgres" .',
    "cat <<E\nUsage: ionosctl dbaas postgres user list\nE",
    "# ionosctl dbaas postgres user list",
    "T=ionosctl\n$T dbaas postgres-v2 cluster list",
    "T=ionosctl\n$T dbaas mongo user list",
    "docker run ionoscloud/ionosctl dbaas mariadb cluster list",
    "B=https://ionos.example.com\ncurl -u a:b $B/databases/postgresql/clusters",
    "curl https://regionos.example/databases/postgresql",
    'say() { echo "$@"; }\nsay ionosctl dbaas postgres user list',
]


@pytest.mark.parametrize(("text", "marks"), [each[1:] for each in SCRIPTS], ids=[each[0] for each in SCRIPTS])
def test_a_script_that_speaks_v1(text, marks, tmp_path):
    assert places(tmp_path, "a.sh", text) == expect(marks)


@pytest.mark.parametrize("text", PROSE)
def test_a_script_that_does_not(text, tmp_path):
    assert places(tmp_path, "a.sh", text) == []


def test_a_name_inside_another_is_not_the_vendor(tmp_path):
    text = 'run "ionosctl dbaas postgres cluster list"\n'

    assert places(tmp_path, "a.rb", text.replace("ionosctl", "visionosctl")) == []
    assert places(tmp_path, "b.rb", text) == expect("1:PGR124")
