"""The results of every command for programs: on every fleet, against their schemas and their screens."""

import json
from dataclasses import dataclass, replace
from typing import Literal

import jsonschema
import pytest
from every_command import COMMANDS, every_command_site
from golden_files import FOLDER, IS_RENEWED
from result_checks import result_complaints

from bot.changes.change_result import ChangeResult
from bot.commands.global_flags import guess_output
from bot.demo.cloud.oddities import FLEETS
from bot.domain.error_codes import ErrorCode
from bot.domain.reply_document import json_schema
from bot.domain.request import Actor, Origin
from bot.domain.result import CommandResult, Error, Output
from bot.programs.document_program import list_results
from bot.programs.kernel import registry

IN_TERMINAL = Actor(origin=Origin.TERMINAL, id="olga", name="olga")
IN_SLACK = Actor(origin=Origin.SLACK, id="U0BOB", name="bob", team="T0DEMO")

RELEASED = FOLDER / "schemas.txt"
"""The keys that programs may rely on. A line that goes, also by another type, needs a new version."""


@pytest.mark.anyio
@pytest.mark.parametrize("fleet", ["plain", "legacy"])
async def test_every_command_returns_a_valid_result_with_the_facts_of_its_screen(
    tmp_path, monkeypatch, fleet
):
    """The odd fleet is that of `test_every_command`."""
    async with every_command_site(tmp_path, monkeypatch, oddities=FLEETS[fleet], clusters=21) as table:
        found = [
            f"{cell.line}: {each}"
            for command in COMMANDS
            async for line in table.lines(command)
            for cell in [await table.say(command, line)]
            for each in result_complaints(command, cell.reply)
        ]

    assert found == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("cluster show nowhere", ErrorCode.CLUSTER_NOT_FOUND),
        ("cluster show search", ErrorCode.CLUSTER_AMBIGUOUS),
        ("backup show ffffffff", ErrorCode.BACKUP_NOT_FOUND),
        ("user show orders-prod nobody", ErrorCode.USER_NOT_FOUND),
        ("change show c-222222", ErrorCode.CHANGE_NOT_FOUND),
        ("report show nothing", ErrorCode.REPORT_NOT_FOUND),
        ("audit show 99999", ErrorCode.AUDIT_NOT_FOUND),
        ("audit story nothing", ErrorCode.AUDIT_NOT_FOUND),
        ("migration unwaive PGR020 orders-prod", ErrorCode.WAIVER_NOT_FOUND),
        ("migration waive PGR999 orders-prod --until 30d --reason because", ErrorCode.RULE_NOT_FOUND),
        ("cluster shw orders-prod", ErrorCode.COMMAND_UNKNOWN),
        ("cluster list --sort weight", ErrorCode.COMMAND_ARGUMENT),
        ("user list payments-prod", ErrorCode.CLOUD_NOT_OFFERED),
    ],
)
async def test_every_error_has_its_code_in_json_and_in_the_audit_log(site, line, code):
    command = next(each for each in COMMANDS if line.startswith(each.name.split()[0]))
    cell = await site.say(command, line)

    assert cell.reply.result.code is code
    assert cell.row["code"] == code
    assert result_complaints(command, cell.reply) == []


@pytest.fixture(scope="module")
async def site(tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        async with every_command_site(tmp_path_factory.mktemp("site"), monkeypatch) as table:
            yield table


def test_schemas_are_json_schema():
    for kind in (Error, ChangeResult):
        jsonschema.Draft202012Validator.check_schema(json_schema(kind))


def test_every_command_declares_its_result():
    assert [each.name for each in COMMANDS if each.result is CommandResult] == []


def test_released_schemas_only_grow():
    today = sorted(
        {line for kind in list_results(registry()).values() for line in keys_of(json_schema(kind))}
    )
    if IS_RENEWED:
        RELEASED.write_text("".join(f"{line}\n" for line in today))
    released = RELEASED.read_text().splitlines()

    assert sorted(set(released) - set(today)) == []


def keys_of(schema):
    """Yield a line for each key of a document, with its types; and one for each word of a closed choice."""
    name = schema["properties"]["schema"]["const"].removeprefix("pgbot/")
    return _lines(schema["properties"]["data"], schema["$defs"], name)


def _lines(schema, shared, path):
    options = [_resolve(each, shared) for each in schema.get("anyOf", [schema])]
    kinds = sorted({each.get("format") or each.get("type", "any") for each in options})
    yield f"{path}: {' or '.join(kinds)}"
    for each in options:
        yield from (f"{path} = {word}" for word in each.get("enum", ()))
        for key, value in each.get("properties", {}).items():
            yield from _lines(value, shared, f"{path}.{key}")
        if "items" in each:
            yield from _lines(each["items"], shared, f"{path}[]")


def _resolve(schema, shared):
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    return shared[name] if name else schema


def test_a_key_that_goes_or_changes_its_type_is_a_line_that_is_lost():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Sample(CommandResult):
        size_mb: int | None
        state: Literal["up", "down"]

    assert list(keys_of(json_schema(Sample))) == [
        "sample/v1: object",
        "sample/v1.size_mb: integer or null",
        "sample/v1.state: string",
        "sample/v1.state = up",
        "sample/v1.state = down",
    ]


@pytest.mark.anyio
async def test_in_slack_it_is_a_file_and_a_filter_stays_at_the_terminal(site):
    command = next(each for each in COMMANDS if each.name == "cluster list")
    for flags, name in {
        "--json": "cluster-list.json",
        "-o csv": "cluster-list.csv",
        "--output=id": "cluster-list.txt",
    }.items():
        reply = (await site.say(command, f"cluster list orders {flags}", IN_SLACK)).reply
        assert [part.name for part in reply.parts] == [name]
    refused = (await site.say(command, "cluster list --jq .data", IN_SLACK)).reply
    unknown = (await site.say(command, "cluster list -o xml", IN_SLACK)).reply

    assert json.loads(refused.parts[0].content)["data"]["message"] == "--jq works in the terminal only."
    assert unknown.title == "--output can't be “xml”."


@pytest.mark.anyio
async def test_a_form_that_is_asked_for_beside_the_line_counts_as_in_it(site):
    dispatcher = site.terminal.kernel.dispatcher
    asked = {"output": Output.WIDE, "trace": "t"}
    plain = replace(site.terminal.invocation("cluster list orders", IN_TERMINAL, ""), **asked)
    named = replace(plain, text="cluster list orders -o table")

    assert (await dispatcher.dispatch(plain)).parts[0].shown == ("all",)
    assert (await dispatcher.dispatch(named)).parts[0].shown == ()


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("cluster lsit --json", "json"),
        ('cluster list "open -o yaml', "yaml"),
        ("cluster lsit --output=csv", "csv"),
        ("cluster lsit --jq .x", "json"),
        ("cluster lsit -o xml", "screen"),
        ("cluster list", "screen"),
    ],
)
def test_a_line_that_cannot_be_read_gets_its_error_in_the_form_it_asks_for(text, output):
    assert guess_output(text) == output
