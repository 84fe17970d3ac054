"""Wrong settings as people write them: each is refused with its line, its mistake and the next step."""

from itertools import chain
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError

from bot.domain.errors import ConfigError
from bot.settings.mistakes import BY_PATTERN
from bot.settings.model import Settings, load_settings
from bot.settings.yaml_source import YamlDocument, explain

REPORT = "{name: a, command: cluster list, when: every Monday at 9:00, channel: C1, owner: U123, %s}"
RULE = "approvals:\n  rules:\n    - {changes: [restore], need: confirm, %s}"
CONTRACT = "ionos:\n  contracts:\n    - {name: a, %s}"

MISTAKES = [
    ("a typo in a key", "slack:\n  comand: /pg", 2, "slack.comand is not a setting. Did you mean command?"),
    ("a typo in a section", "\nslak: {}", 2, "slak is not a setting. Did you mean slack?"),
    ("a tab", "slack:\n\tcommand: /pg", 2, "a tab can't be used for indentation. Use spaces."),
    ("too much indentation", "slack:\n  command: /pg\n   mode: socket", 3, "the indentation does not match"),
    ("too little indentation", "slack:\n  command: /pg\n mode: socket", 3, "the indentation does not match"),
    ("a quotation mark that is left open", "http: {}\nslack:\n  command: '/pg", 3, "is not closed"),
    ("a bracket that is left open", "people:\n  dba: [U123\nslack: {}", 3, "a bracket is not closed"),
    ("the wrong bracket", "slack: {team: T1]", 1, "a bracket is not closed"),
    ("a backslash in double quotes", 'slack: {team: "a\\q"}', 1, "a \\ in double quotes must be doubled"),
    ("a star without quotes", "permissions:\n  - to: [everyone]\n    allow: [*]", 3, "* or & needs quotes"),
    ("a star in front of text", "clusters:\n  - match: {name: *-prod}", 2, "Put text with * in quotes"),
    ("a tag", "slack:\n  bot_token: !env SLACK", 2, "a value that starts with ! needs quotes"),
    ("an anchor that there is none of", "clusters:\n  - {<<: *common, owner: a}", 2, "does not define"),
    (
        "a section for anchors",
        "x-common: &c {tier: prod}",
        1,
        "x-common is not a setting. Known settings: approvals",
    ),
    ("a second document", "slack: {}\n---\nslack: {}", 2, "the file must not have a second part"),
    ("a key given twice", "people:\n  dba: [U123]\n  dba: [U234]", 3, "people.dba is given twice"),
    ("text for a number", "http:\n  port: many", 2, "http.port: this must be a whole number."),
    ("a fraction for a number", "http:\n  port: 3000.5", 2, "http.port: this must be a whole number."),
    ("an octal number", "http:\n  port: 0777", 2, "a different number"),
    ("an octal contract number", CONTRACT % "number: 0123456, token: env:T", 3, "a different number"),
    ("a contract number with a blank", CONTRACT % "number: '3188 4391', token: env:T", 3, "digits only"),
    ("a contract number as a fraction", CONTRACT % "number: 31884391.5, token: env:T", 3, "digits only"),
    ("no number", "limits:\n  open_changes: -1", 2, "limits.open_changes: this must be at least 1."),
    ("one for a list", "people:\n  dba: U0123", 2, "people.dba: this must be a list, such as [a, b]."),
    ("one for a set", "slack:\n  workspaces: T0", 2, "slack.workspaces: this must be a list"),
    ("text for a section", "clusters:\n  - match: orders-*", 2, "clusters[1].match: this must be a section"),
    ("a section for a list", "ionos:\n  contracts: {name: a}", 2, "ionos.contracts: this must be a list"),
    ("a command line for a list", "handover:\n  command: vault-put db", 2, "handover.command: this must be"),
    (
        "yes for a name",
        "clusters:\n  - match: {name: yes}",
        2,
        "match.name: this must be text. Put it in quotes",
    ),
    (
        "no as a role",
        "people:\n  no: [U123]",
        1,
        "people: a key in this section is not text. Put it in quotes",
    ),
    ("maybe for yes or no", RULE % "reason: maybe", 3, "reason: this must be true or false."),
    ("an id as a number", "people:\n  dba: [1234]", 2, "people.dba[1]: this must be text."),
    ("an unknown choice", "slack:\n  mode: sockets", 2, "slack.mode: this must be one of socket, http."),
    (
        "an unknown kind of need",
        "approvals:\n  rules:\n    - {changes: [a], need: maybe}",
        3,
        "one of none, con",
    ),
    ("an unknown zone", f"reports:\n  - {REPORT % 'zone: Berlin'}", 2, "such as Europe/Berlin"),
    ("an unknown zone of a freeze", RULE % "freeze: [{zone: CEST}]", 3, "such as Europe/Berlin"),
    (
        "a time of day without quotes",
        RULE % "freeze: [{from: 16:00}]",
        3,
        "from: this must be text. Put it in q",
    ),
    ("a time of day that is none", RULE % 'freeze: [{from: "25:00"}]', 3, "a time of day in quotes"),
    ("a duration without unit", RULE % "expires: 24", 3, "expires: it must be a duration with a unit"),
    (
        "a delay without unit",
        f"reports:\n  - {REPORT % 'jitter: 90'}",
        2,
        "jitter: it must be a duration with",
    ),
    ("an interval without unit", "audit:\n  every: 5", 2, "audit.every: it must be a duration with a unit"),
    ("an interval in words", "audit:\n  every: hourly", 2, "I can't read “hourly” as a duration. Try 15m"),
    (
        "cron with six fields",
        f"reports:\n  - {REPORT % ''}".replace("every Monday at 9:00", "'0 0 7 * * *'"),
        2,
        "“0 ",
    ),
    (
        "no time of day",
        f"reports:\n  - {REPORT % ''}".replace(" at 9:00", ""),
        2,
        "Add it, such as “… at 9:00”.",
    ),
    ("a name for a person", f"reports:\n  - {REPORT % ''}".replace("U123", "bob"), 2, "a person's Slack id"),
    (
        "a day as in Germany",
        "holidays:\n  berlin:\n    - 25.12.2026",
        3,
        "berlin[1]: this must be a day, such as",
    ),
    (
        "a day that there is none of",
        "migration:\n  deadline: 2027-02-30",
        2,
        "this date or number does not exist",
    ),
    ("a day with its time", "migration:\n  deadline: 2027-02-28 10:00", 2, "a day without a time"),
    ("a year for a day", "migration:\n  deadline: 2027", 2, "migration.deadline: this must be a day"),
    ("a number for a calendar", "holidays:\n  berlin: 3", 2, "holidays.berlin: this must be a list"),
    ("a token itself", "slack:\n  bot_token: xoxb-canary", 2, "write a secret as env:NAME"),
    ("a shell's variable", "slack:\n  bot_token: $CANARY", 2, "write a secret as env:NAME"),
    ("two ways in", CONTRACT % "token: env:T, username: env:U", 3, "either token, or username and password"),
    ("plain http", "ionos:\n  api_url: http://api.ionos.com", 2, "use https"),
    ("plain http for Slack", "http:\n  public_url: http://bot.example.com", 2, "use https"),
    ("no address", "http:\n  public_url: bot.example.com", 2, "start with https:// and a host name"),
    ("a command without slash", "slack:\n  command: pg", 2, "slack.command: this must be a /"),
    ("a role without people", "people: {}\npermissions:\n  - {to: [dba], allow: [x]}", 1, "the role dba"),
    (
        "a variable with a blank",
        "audit:\n  anchors: {command: [a], env: [A B]}",
        2,
        "an environment variable",
    ),
    ("no key", "people_keys:\n  U123: canary", 2, "is not a public key"),
    ("nothing", "clusters:\n  - match: {name: ''}", 2, "match.name: this must not be empty."),
    ("yes for a number", "http:\n  connections: yes", 2, "http.connections: this must be a whole number."),
    (
        "yes for a size",
        CONTRACT % "token: env:T, quota: {ram: yes}",
        3,
        "quota.ram: this must be a whole number.",
    ),
    ("a wrong yes", "slack:\n  team: !!bool canary", 2, "this date or number does not exist"),
    ("a wrong time", "slack:\n  team: !!timestamp canary", 2, "this date or number does not exist"),
    ("no brackets at all", "slack", 0, "the file must contain keys and values"),
]


def refused(folder, text):
    path = folder / "app.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(path, environment={})
    return path, caught.value


@pytest.mark.parametrize(
    ("text", "line", "words"), [pytest.param(*rest, id=name) for name, *rest in MISTAKES]
)
def test_a_mistake_is_refused_with_its_line_and_what_to_do(tmp_path, text, line, words):
    path, error = refused(tmp_path, text)

    assert words in error.sentence
    assert error.next_step
    assert "canary" not in str(error)
    if line and "uses the role" not in error.sentence:
        assert f"{path} line {line}: " in error.sentence


def test_a_list_without_any_good_entry_is_one_mistake(tmp_path):
    _, error = refused(tmp_path, "holidays:\n  berlin: [25.12.2026]")

    assert len(error.sentence.splitlines()) == 1


WRONG = [
    "canary",
    3,
    -1,
    3.5,
    True,
    None,
    [],
    ["canary"],
    [3],
    [[]],
    {},
    {"canary": 1},
    {3: 3},
    [{"canary": {}}],
    "é" * 9,
]
OTHERS_WORDS = (
    "input should",
    "valid ",
    "unable to parse",
    "should match",
    "str-type",
    "tuple[",
    "string should",
)


def documents(kind):
    """Yield a document for each key of a model and of those in it, and each wrong value."""
    for name, field in kind.model_fields.items():
        key = field.alias or name
        yield from ({key: value} for value in WRONG)
        for inner in filter(is_model, chain([field.annotation], get_args(field.annotation))):
            for below in documents(inner):
                yield from ({key: below}, {key: [below]})


def is_model(kind):
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def test_no_key_answers_a_wrong_value_in_the_words_of_the_library():
    seen = set()
    for values in documents(Settings):
        try:
            Settings.model_validate(values)
        except ValidationError as error:
            seen.update(explain(error, YamlDocument(), Settings).splitlines())

    assert len(seen) > 300
    assert [each for each in seen if any(words in each.casefold() for words in OTHERS_WORDS)] == []
    assert [each for each in seen if not each.endswith((".", "?")) or ".." in each] == []
    assert [each for each in seen if "can't be used here" in each] == []


def test_every_form_that_text_must_have_has_words_of_ours():
    patterns = set(find_patterns(Settings.model_json_schema(mode="validation")))

    assert patterns - BY_PATTERN.keys() == set()


def find_patterns(schema):
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for each in schema:
            yield from find_patterns(each)
