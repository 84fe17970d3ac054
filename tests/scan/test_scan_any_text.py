"""For any text of a file, reading never raises, and every find has a position in it."""

import string
from pathlib import PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pattern_trial import try_attack

from migrations.scan.document_kinds import DocumentKind, detect_kind
from migrations.scan.documents import read_document
from migrations.scan.scan import scan_rules

NAMES = {
    DocumentKind.TERRAFORM: "a.tf",
    DocumentKind.TERRAFORM_JSON: "a.tf.json",
    DocumentKind.TERRAFORM_STATE: "a.tfstate",
    DocumentKind.YAML: "a.yml",
    DocumentKind.PYTHON: "a.py",
    DocumentKind.REQUIREMENTS: "requirements.txt",
    DocumentKind.TOML: "pyproject.toml",
    DocumentKind.SETUP_CFG: "setup.cfg",
    DocumentKind.GO: "a.go",
    DocumentKind.GO_MOD: "go.mod",
    DocumentKind.SHELL: "a.sh",
    DocumentKind.MAKEFILE: "Makefile",
    DocumentKind.DOCKERFILE: "Dockerfile",
    DocumentKind.TEXT: "Jenkinsfile",
    DocumentKind.PROSE: "README.md",
}
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


@pytest.mark.parametrize("kind", DocumentKind)
@given(parts=TEXTS)
@settings(max_examples=60)
def test_any_text_as_any_kind_of_document(kind, parts):
    text = "ionos" + "".join(parts)
    lines = text.count("\n") + 1
    reading = read_document(PurePath(NAMES[kind]), text, kind)

    for use in reading.uses:
        assert 1 <= use.place.line <= lines
        assert use.place.column >= 1
        for rule in scan_rules():
            match = rule.judge(use)
            assert match is None or match.text


@pytest.mark.parametrize("kind", DocumentKind)
def test_deep_nesting_is_read_or_named(kind):
    for opening in ("(", "[", "{", "- ", "a:\n", "$(", '"$(', "f(", "a.", "-", "not ", "{a=", "a = [", "{{"):
        reading = read_document(PurePath(NAMES[kind]), "ionos" + opening * 3000, kind)
        assert isinstance(reading.uses, tuple)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (DocumentKind.MAKEFILE, "A=$(A)$(A)https://api.ionos.com/databases/postgresql\n"),
        (DocumentKind.SHELL, "A=$A$A'https://api.ionos.com/databases/postgresql'\ncurl $A\n"),
        (DocumentKind.PYTHON, "u = u + u + 'https://api.ionos.com/databases/postgresql'\n"),
        (DocumentKind.PYTHON, "u = f'{u}{u}https://api.ionos.com/databases/postgresql'\n"),
        (DocumentKind.TEXT, "https://api.ionos.com/databases/postgresql/)"),
        (DocumentKind.GO, '"\\'),
        (DocumentKind.YAML, "- *a\n"),
        (DocumentKind.TERRAFORM_STATE, '{"type":"ionoscloud_pg_cluster"},'),
    ],
)
def test_a_document_takes_time_as_it_grows(kind, line):
    """Variables that double, quotes that never end: no line costs more than those before it."""

    def read(text):
        read_document(PurePath(NAMES[kind]), text, kind)

    assert not try_attack(read, "ionos api.ionos.com/databases/postgresql\n", line, ("",))


@pytest.mark.parametrize("kind", [kind for kind in DocumentKind if kind is not DocumentKind.TEXT])
def test_the_name_tells_the_kind(kind):
    assert detect_kind(PurePath(NAMES[kind]), "") is kind


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("deploy", "#!/usr/bin/env bash\n", DocumentKind.SHELL),
        ("deploy", "#!/usr/bin/python3\n", DocumentKind.PYTHON),
        ("deploy", "plain", DocumentKind.TEXT),
        ("requirements/dev.in", "", DocumentKind.REQUIREMENTS),
        ("Dockerfile.dev", "", DocumentKind.DOCKERFILE),
        ("notes.txt", "", DocumentKind.PROSE),
        (".terraform.lock.hcl", "", DocumentKind.TERRAFORM),
        ("terraform.tfstate.backup", "", DocumentKind.TERRAFORM_STATE),
    ],
)
def test_kinds_by_name_or_first_line(name, text, kind):
    assert detect_kind(PurePath(name), text) is kind
