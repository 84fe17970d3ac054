"""Settings from app.yaml and the environment: errors name the line, never the value."""

from pathlib import Path

import pytest

from bot.domain.cluster import Api, Cluster
from bot.domain.errors import ConfigError
from bot.settings.model import load_settings


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write app.yaml into the working directory of the test."""
    monkeypatch.chdir(tmp_path)

    def put(text: str):
        path = tmp_path / "app.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return put


def read_error(environment=None) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(environment=environment or {})
    return str(caught.value)


def test_without_a_file_there_are_defaults(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    setup = load_settings(environment={})

    assert setup.file is None
    assert setup.settings.slack.command == "/pg"
    assert setup.settings.permissions == ()
    assert setup.data == Path.home() / ".local/share/pgbot"


def test_the_file_is_found_by_argument_then_variable_then_folder(write, tmp_path):
    write("slack: {command: /here}")
    named = tmp_path / "named.yaml"
    named.write_text("slack: {command: /named}")
    given = tmp_path / "given.yaml"
    given.write_text("slack: {command: /given}")

    assert load_settings(environment={}).settings.slack.command == "/here"
    assert load_settings(environment={"PGBOT_CONFIG": str(named)}).settings.slack.command == "/named"
    assert load_settings(given, environment={"PGBOT_CONFIG": str(named)}).settings.slack.command == "/given"


def test_the_environment_wins_over_the_file(write):
    write("slack: {command: /file}\nhttp: {port: 1}")

    setup = load_settings(
        environment={"PGBOT_SLACK__COMMAND": "/env", "PGBOT_HTTP__PORT": "8081", "PGBOT_DATA": "/var/x"}
    )

    assert setup.settings.slack.command == "/env"
    assert setup.settings.http.port == 8081
    assert str(setup.data) == "/var/x"


def test_lists_in_the_environment_are_yaml(write):
    write("")

    setup = load_settings(
        environment={
            "PGBOT_PERMISSIONS": "[{to: [everyone], allow: ['cluster *']}]",
            "PGBOT_PEOPLE": "{dba: [U1]}",
        }
    )

    assert setup.settings.permissions[0].allow == ("cluster *",)
    assert setup.settings.people == {"dba": ("U1",)}


def test_the_official_names_make_a_contract_without_any_file(write):
    write("")

    by_token = load_settings(environment={"IONOS_TOKEN": "t", "IONOS_CONTRACT_NUMBER": "123"}).settings.ionos
    by_login = load_settings(environment={"IONOS_USERNAME": "u", "IONOS_PASSWORD": "p"}).settings.ionos
    address = load_settings(environment={"IONOS_API_URL": "http://127.0.0.1:1"}).settings.ionos

    assert (by_token.contracts[0].token, by_token.contracts[0].number) == ("env:IONOS_TOKEN", "123")
    assert by_login.contracts[0].password == "env:IONOS_PASSWORD"
    assert address.api_url == "http://127.0.0.1:1"
    assert address.contracts == ()


def test_contracts_of_the_file_win_over_the_official_names(write):
    write("ionos: {contracts: [{name: main, number: 31884391, token: 'file:/run/token'}]}")

    contracts = load_settings(environment={"IONOS_TOKEN": "t"}).settings.ionos.contracts

    assert [(each.name, each.number, each.token) for each in contracts] == [
        ("main", "31884391", "file:/run/token")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("slack:\n  comand: /pg", "line 2: slack.comand is not a setting. Did you mean command?"),
        ("slak: {}", "line 1: slak is not a setting. Did you mean slack?"),
        (
            "permissions:\n  - to: [everyone]\n    alow: [x]\n    allow: [x]",
            "line 3: permissions[1].alow is not a setting",
        ),
        ("slack:\n  mode: pigeon", "line 2: slack.mode: this must be one of socket, http."),
        ("terminal: {socket: run/x.sock}", "terminal.socket: use a path that starts with /"),
        *(
            (f"terminal: {{socket_mode: {mode}}}", 'write the file mode in quotes, such as "0660"')
            for mode in ("0660", "660", "'rw'", "'0o660'", "'1777'", "'068'", "[]")
        ),
        ("http:\n  port: 70000", "line 2: http.port: this must be at most 65535."),
        ("permissions:\n  - to: [dba]\n    allow: ['*']", "uses the role dba, which is not under people"),
        (
            "ionos:\n  contracts:\n    - name: a\n",
            "line 3: ionos.contracts[1]: set either token, or username",
        ),
        ("slack: {command: /pg}\nslack: {}", "line 2: slack is given twice"),
        ("- a\n- b", "must contain keys and values"),
        ("slack: [", "line 1"),
        ("slack: {mode: socket\n", "app.yaml line"),
        ("permissions: all", "line 1: permissions: this must be a list"),
        ("slack: 3", "line 1: slack: this must be a section with keys and values"),
        ("people: [U1]", "line 1: people: this must be a section with keys and values"),
        (
            "people:\n  dba: [U1]\n  owner: [U2]",
            "line 3: people.owner: the role owner can't be assigned: each cluster has its own "
            "(owner under clusters).",
        ),
        (
            "people:\n  everyone: [U2]",
            "line 2: people.everyone: the role everyone can't be assigned: "
            "all full members have it, and guests do not.",
        ),
        (
            "permissions:\n  - to: []\n    allow: [x]",
            "line 2: permissions[1].to: this list must not be empty",
        ),
        ("permissions:\n  - to: [everyone]", "line 2: permissions[1].allow: this is missing"),
        ("slack: &a {command: *a}", "line 1: slack.command: "),
        ("people: &a\n  dba: [*a]", "line 1: people.dba[1]: "),
        ("people: " + "[" * 1_000, "app.yaml is nested too deeply, or contains itself"),
        ("slack: {team: 2026-13-45}", "app.yaml line 1: slack.team: this date or number does not exist"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_line(write, text, expected):
    write(text)

    assert expected in read_error()


def test_every_mistake_is_named_at_once(write):
    write("slack:\n  mode: pigeon\n  comand: /pg")

    assert read_error().count("app.yaml line") == 2


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("PGBOT_SLAK__COMMAND", "PGBOT_SLACK__COMMAND"),
        ("PGBOT_SLACK__COMMND", "PGBOT_SLACK__COMMAND"),
        ("PGBOT_CONFG", "PGBOT_CONFIG"),
        ("PGBOT_SLACK__COMMAND__X", "PGBOT_SLACK__COMMAND"),
    ],
)
def test_a_variable_that_names_no_setting_is_refused(write, name, hint):
    write("")

    assert f"{name} is not a setting. Did you mean {hint}?" in read_error({name: "x"})


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("slack: {bot_token: xoxb-very-secret}", 1),
        ("slack: {bot_token: {command: very-secret}}", 1),
        ("ionos: {contracts: [{name: a, token: very-secret}]}", 1),
        ("ionos: {contracts: [{name: a, token: 'env:', username: very-secret}]}", 2),
    ],
)
def test_a_secret_in_the_place_of_its_reference_is_one_sentence_that_does_not_repeat_it(write, text, secrets):
    write(text)

    words = read_error()

    assert words.count("write a secret as env:NAME") == words.count("app.yaml line 1") == secrets
    assert "function" not in words
    assert "very-secret" not in words


def test_a_file_that_is_not_there_is_an_error_only_if_it_was_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigError, match=r"Can’t read .*missing"):
        load_settings(tmp_path / "missing.yaml", environment={})


def test_tags_come_from_the_first_entry_that_says_them(write):
    write(
        "clusters:\n"
        "  - {match: {name: 'orders-*'}, owner: shop}\n"
        "  - {match: {name: '*-prod', region: DE-TXL}, owner: nobody, tier: prod}\n"
    )
    cluster = Cluster(
        id="1", api=Api.V1, contract="c", region="de/txl", name="orders-prod", state="AVAILABLE"
    )

    tags = load_settings(environment={}).settings.tags(cluster)

    assert (tags.owner, tags.tier, tags.channel) == ("shop", "prod", None)


def test_aliases_that_multiply_are_looked_at_once(write):
    """Nine lines that stand for a thousand million values must not take that many steps."""
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 10)]
    write("\n".join(lines))

    assert read_error().count("is not a setting") == 10


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"PGBOT_SLACK": "x"}, "PGBOT_SLACK is a section"),
        ({"PGBOT_SLACK": "x", "PGBOT_SLACK__COMMAND": "/x"}, "PGBOT_SLACK is a section"),
        ({"PGBOT_SLACK": "[a]"}, "PGBOT_SLACK is a section"),
        ({"PGBOT_PEOPLE": "{a: &b {c: *b}}"}, "PGBOT_PEOPLE is not a valid YAML list or mapping"),
        ({"PGBOT_PEOPLE": "[" * 1_000}, "PGBOT_PEOPLE is not a valid YAML list or mapping"),
        ({"PGBOT_PEOPLE": "{a: 2026-13-45}"}, "PGBOT_PEOPLE is not a valid YAML list or mapping"),
    ],
)
def test_a_variable_of_the_wrong_shape_is_refused_by_its_name(write, environment, sentence):
    write("")

    assert sentence in read_error(environment)


def test_a_section_may_be_given_as_a_mapping_and_one_setting_of_it_beside(write):
    write("slack: {mode: http, command: /file}")

    slack = load_settings(
        environment={"PGBOT_SLACK": "{command: /env, team: T1}", "PGBOT_SLACK__TEAM": "T2"}
    ).settings.slack

    assert (slack.mode, slack.command, slack.team) == ("http", "/env", "T2")


def test_a_section_that_is_none_in_the_file_is_refused_also_beside_a_variable(write):
    write("http: {port: 1}\nslack: 3")

    words = read_error({"PGBOT_SLACK__COMMAND": "/x"})

    assert "app.yaml line 2: slack: this must be a section" in words


@pytest.mark.parametrize(
    ("environment", "where"),
    [
        ({"PGBOT_HTTP__PORT": "many"}, "PGBOT_HTTP__PORT: http.port: "),
        ({"PGBOT_HTTP": "{port: many}"}, "PGBOT_HTTP: http.port: "),
        ({"PGBOT_HTTP": "{prot: 1}"}, "PGBOT_HTTP: http.prot is not a setting. Did you mean port?"),
        ({"PGBOT_PERMISSIONS": "[{to: [everyone]}]"}, "PGBOT_PERMISSIONS: permissions[1].allow: "),
        ({"PGBOT_SLACK__BOT_TOKEN": "xoxb-1"}, "PGBOT_SLACK__BOT_TOKEN: slack.bot_token: write a secret"),
        ({"IONOS_API_URL": "nowhere"}, "IONOS_API_URL: ionos.api_url: this must start with https://"),
        (
            {"IONOS_TOKEN": "t", "IONOS_CONTRACT_NUMBER": "abc"},
            "IONOS_CONTRACT_NUMBER: ionos.contracts[1].number: ",
        ),
    ],
)
def test_a_mistake_in_the_environment_is_named_by_its_variable(write, environment, where):
    write("http:\n  port: 1\npermissions:\n  - {to: [everyone], allow: ['*']}\nslack: {bot_token: 'env:A'}")

    words = read_error(environment)

    assert words.startswith(where)
    assert "app.yaml line" not in words


def test_a_mistake_in_the_file_is_not_blamed_on_a_variable_beside_it(write):
    write("http:\n  port: many")

    assert read_error({"PGBOT_HTTP__HOST": "127.0.0.2"}).startswith("app.yaml line 2: http.port")


@pytest.mark.parametrize("setting", ["slack.api_url", "ionos.api_url", "ionos.region_url"])
@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://{region}.example.com/api", "plain http to another machine"),
        ("http://{region}127.0.0.1.example", "plain http to another machine"),
        ("https://me:very-secret@{region}.example", "must not contain a user name or password"),
        ("https://{region}.example/?token=very-secret", "must end with its path"),
        ("ftp://{region}.example", "must start with https://"),
        ("{region}.example", "must start with https://"),
        ("https://{region}.example:port", "is not an address"),
    ],
)
def test_an_address_that_a_secret_could_leak_to_is_refused_with_its_setting(
    write, setting, address, sentence
):
    section, key = setting.split(".")
    mark = "{region}" if key == "region_url" else ""
    write(f"{section}:\n  {key}: '{address.replace('{region}', mark)}'")

    words = read_error()

    assert words.startswith(f"app.yaml line 2: {setting}: this ")
    assert sentence in words
    assert "very-secret" not in words


def test_a_region_address_without_region_is_refused(write):
    write("ionos: {region_url: 'https://postgresql.de-txl.ionos.com'}")

    assert "ionos.region_url: this must contain {region}" in read_error()


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/api/", "http://localhost/", "http://[::1]:1/", "https://x"]
)
def test_https_and_this_machine_are_good_addresses(write, address):
    write("")

    assert load_settings(environment={"PGBOT_SLACK__API_URL": address}).settings.slack.api_url == address
