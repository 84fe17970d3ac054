"""For any text of a file, reading never raises, and every find has a position in it."""

import string
from pathlib import PurePath

import pytest
from example_counts import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from pattern_trial import try_attack
from scan_kit import V1

from migrations.scan.findings import Certainty
from migrations.scan.scan import read_document, scan_paths, scan_rules
from migrations.scan.scan_coverage import FILE_KINDS, FileKind, ReadingWay, find_kind

KINDS = [*(kind for kind in FILE_KINDS if kind.way is ReadingWay.EXACT), FILE_KINDS[-1]]


def file_of(kind):
    return PurePath(kind.globs[0].replace("*", "a"))


def read(kind, text):
    return read_document(kind, file_of(kind), text)[0]


PIECES = st.sampled_from(
    [
        "ionos",
        "https://api.ionos.com/databases/postgresql",
        "/clusters/1/users",
        "curl -u a:b -X PATCH ",
        "ionosctl dbaas postgres cluster list",
        "ionosctl dbaas",
        "BUSY",
        "X-Contract-Number: 1",
        "\n",
        "\n\t",
        "  ",
        '"',
        "'",
        "`",
        "$(",
        ")",
        "${",
        "}",
        "{{",
        "}}",
        "<<EOF",
        "EOF",
        "\\",
        "#",
        "//",
        "/*",
        "*/",
        "[",
        "]",
        "{",
        ":",
        ",",
        "=",
        "- ",
        "&a ",
        "*a",
        "|",
        ">",
        "|\n",
        ">\n",
        "run: ",
        "uri:\n  url: ",
        "method: PATCH\n",
        "kind: PostgresCluster\n",
        "apiVersion: dbaas.ionoscloud.crossplane.io/v1alpha1\n",
        "spec:\n",
        "postgres_cluster:\n  ",
        "ram: 4096\n",
        'resource "ionoscloud_pg_cluster" "a" {\n',
        "ram = 4096\n",
        'provider "ionoscloud" {\n',
        "provisioner x {\n command = ",
        "required_providers {\n",
        'version = "~> x"\n',
        "import ionoscloud_dbaas_postgres\n",
        "requests.patch(",
        "r = s.post(",
        "r.status_code == 200\n",
        "links.next",
        "ionoscloud-dbaas-postgres==",
        "[packages]\n",
        "[options]\n",
        '"type": "ionoscloud_pg_user"',
        '{"resources": [',
        "github.com/ionos-cloud/sdk-go-dbaas-postgres v1",
        "sh '''",
        "ENV a ",
        "f() { ionosctl $@; }\n",
        "f dbaas pg\n",
        "bash -c '",
        "$A ",
        "A=ionosctl\n",
        "\0",
        "\ufeff",
        "\u2028",
        "é",
        "0x",
    ]
)
TEXTS = st.lists(
    st.one_of(PIECES, st.text(alphabet=string.printable, max_size=5), st.text(max_size=3)), max_size=25
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.globs[0])
@given(parts=TEXTS)
@settings(max_examples=examples(25, 60))
def test_any_text_as_any_kind_of_document(kind, parts):
    text = "ionos" + "".join(parts)
    lines = text.count("\n") + 1
    for use in read(kind, text).uses:
        assert 1 <= use.place.line <= lines
        assert use.place.column >= 1
        for rule in scan_rules():
            match = rule.judge(use)
            assert match is None or match.text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.globs[0])
def test_deep_nesting_is_read_or_named(kind):
    for opening in ("(", "[", "{", "- ", "a:\n", "$(", '"$(', "f(", "a.", "-", "not ", "{a=", "a = [", "{{"):
        assert isinstance(read(kind, "ionos" + opening * 3000).uses, tuple)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Makefile", "A=$(A)$(A)https://api.ionos.com/databases/postgresql\n"),
        ("a.sh", "A=$A$A'https://api.ionos.com/databases/postgresql'\ncurl $A\n"),
        ("a.sh", "{{ ${ "),
        ("a.sh", "alias a='a a a a'\na $@ $@\n"),
        ("a.py", "u = u + u + 'https://api.ionos.com/databases/postgresql'\n"),
        ("a.py", "u = f'{u}{u}https://api.ionos.com/databases/postgresql'\n"),
        ("Jenkinsfile", "https://api.ionos.com/databases/postgresql/)"),
        ("a.go", '"\\'),
        ("a.ts", "new PgCluster(a, {ram: 1024, 'PATCH'"),
        ("a.ts", "a=b.clustersPatch(a,"),
        ("a.rb", "=begin\n__END__"),
        ("a.php", "$a->patch($a . 'PATCH', 'auth' => ["),
        ("a.cs", "import {PSQLCluster,"),
        ("a.unheard-of", "ionosctl dbaas "),
        ("pom.xml", "<artifactId>ionos-cloud-sdk-dbaas-postgres</artifactId>"),
        ("package.json", "@ionos-cloud/sdk-nodejs-dbaas-postgres"),
        ("a.yml", "- *a\n"),
        ("a.tfstate", '{"type":"ionoscloud_pg_cluster"},'),
    ],
)
def test_a_document_takes_time_as_it_grows(name, line):
    """Variables that double, quotes that never end: no line costs more than those before it."""

    path = PurePath(name)

    def attacked(text):
        read_document(find_kind(path, ""), path, text)

    assert not try_attack(attacked, "ionos api.ionos.com/databases/postgresql\n", line, ("",))


LONG = "9" * 5000
"""Python refuses to read this as a number, and to write one as long."""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.sh", f"ionosctl dbaas postgres cluster create --ram {LONG}\n"),
        ("a.sh", f"curl {V1} -d '{{\"ram\": {LONG}}}'\n"),
        ("a.sh", f"http PATCH {V1} ram:={LONG}\n"),
        ("a.yml", f"- uri:\n    url: {V1}\n    body:\n      ram: {LONG}\n"),
        ("a.yml", f"type: ionoscloud:PgCluster\nproperties:\n  ram: {LONG}\n"),
        (
            "a.yml",
            "apiVersion: dbaas.ionoscloud.crossplane.io/v1alpha1\nkind: PostgresCluster\n"
            f"spec:\n  forProvider:\n    ram: {LONG}\n",
        ),
        ("a.ts", f"fetch('{V1}', {{ram: {LONG}}})\n"),
        ("a.go", f'const base = "{V1}"\nvar p = P{{Ram: {LONG}}}\n'),
        ("a.py", f'B = "{V1}"\nx = {{"ram": {"9" * 4000} * {"9" * 4000}}}\n'),
        ("a.tf", 'resource "ionoscloud_pg_cluster" "a" {\n  ram = ' + "*".join(["99999"] * 1000) + "\n}\n"),
        ("a.tf", f'provider "ionoscloud" {{\n  version = "{LONG}"\n}}\n'),
        ("requirements.txt", f"ionoscloud-dbaas-postgres=={LONG}\n"),
        ("requirements.txt", f"ionoscloud-dbaas-postgres>=1,<{LONG}\n"),
        ("pyproject.toml", f'[tool.poetry.dependencies]\nionoscloud-dbaas-postgres = "^{LONG}"\n'),
        ("go.mod", f"require github.com/ionos-cloud/sdk-go-dbaas-postgres/v{LONG} v1.0.0\n"),
    ],
)
def test_a_number_of_any_length_breaks_no_reader(name, text, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")

    assert scan_paths([tmp_path]).gaps == ()


def test_a_fault_in_one_reader_is_named_and_ends_nothing():
    """Signatures are looked for instead, so that the file's hits are not lost."""

    def read_faulty(text):
        raise IndexError("secret-in-the-file")

    kind = FileKind(ecosystem="x", globs=("*.x",), read=read_faulty)
    document, gap = read_document(kind, PurePath("a.x"), f"fetch('{V1}/clusters')")

    assert str(gap) == "a.x: could not be read because of a bug in pgbot (IndexError); please report it"
    assert (len(document.uses), document.certainty) == (1, Certainty.PROBABLE)


def test_every_glob_leads_to_its_own_kind():
    """A glob that an earlier row takes away would never be read as the table says."""
    for kind in FILE_KINDS[:-1]:
        for glob in kind.globs:
            assert find_kind(PurePath(glob.replace("*", "a")), "") is kind, glob


@pytest.mark.parametrize(
    ("name", "text", "like"),
    [
        ("deploy", "#!/usr/bin/env bash\n", "a.sh"),
        ("deploy", "#!/usr/bin/python3\n", "a.py"),
        ("deploy", "plain", "a.unheard-of"),
        ("requirements/dev.in", "", "requirements.txt"),
        ("Dockerfile.dev", "", "Dockerfile"),
        ("notes.TXT", "", "README.md"),
        (".terraform.lock.hcl", "", "a.tf"),
        ("terraform.tfstate.backup", "", "a.tfstate"),
        ("a.b.tf.json", "", "a.tf.json"),
        (".env.production", "", "a.env"),
    ],
)
def test_kinds_by_name_or_first_line(name, text, like):
    assert find_kind(PurePath(name), text) is find_kind(PurePath(like), "")
