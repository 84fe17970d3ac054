"""What every command returns to programs, on every fleet of the simulator, against its schema and its screen."""

import json

import pytest
from every_command import COMMANDS, every_command_site
from golden_files import FOLDER, IS_RENEWED
from result_checks import result_complaints

from bot.demo.cloud.oddities import FLEETS
from bot.domain.command_info import CommandEffect
from bot.domain.error_codes import ErrorCode
from bot.domain.result import CommandResult
from bot.domain.result_schema import json_schema
from bot.programs.kernel import registry
from bot.programs.schema_program import list_results

RELEASED = FOLDER / "schemas.json"
"""The schemas that people may rely on. Renewing it only adds: a change of another kind is a new version."""


@pytest.mark.anyio
@pytest.mark.parametrize("fleet", FLEETS)
async def test_every_read_returns_a_valid_result_with_the_facts_of_its_screen(tmp_path, monkeypatch, fleet):
    async with every_command_site(tmp_path, monkeypatch, oddities=FLEETS[fleet]) as table:
        found = [
            f"{cell.line}: {each}"
            for command in COMMANDS
            if command.effect is CommandEffect.READ
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
        ("migration waive PGR999 orders-prod --until 30d --reason x", ErrorCode.RULE_NOT_FOUND),
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


def test_every_command_declares_its_result():
    assert [each.name for each in COMMANDS if each.result is CommandResult] == []


def test_released_schemas_only_grow():
    today = {kind.schema_name(): json_schema(kind) for kind in list_results(registry()).values()}
    if IS_RENEWED:
        RELEASED.write_text(json.dumps(today, indent=1, sort_keys=True) + "\n")
    released = json.loads(RELEASED.read_text())

    assert released.keys() == today.keys()
    assert [
        each for name in released for each in lost(released[name], today[name], released[name], today[name])
    ] == []


def lost(before, now, root, now_root, path=""):
    """Yield what a program that was written against a released schema would miss or not expect."""
    before, now = resolved(before, root), resolved(now, now_root)
    for key in ("type", "const", "format", "enum"):
        gone = before.get(key) != now.get(key) and not (key == "enum" and set(before[key]) <= set(now[key]))
        if gone:
            yield f"{path}: {key} was {before.get(key)} and is {now.get(key)}"
    yield from (
        f"{path}.{key} is gone" for key in set(before.get("required", ())) - set(now.get("required", ()))
    )
    for key, value in before.get("properties", {}).items():
        if key in now.get("properties", {}):
            yield from lost(value, now["properties"][key], root, now_root, f"{path}.{key}")
    if "items" in before:
        yield from lost(before["items"], now.get("items", {}), root, now_root, f"{path}[]")
    kinds, others = before.get("anyOf", []), now.get("anyOf", [])
    if len(kinds) != len(others):
        yield f"{path}: it was one of {len(kinds)} kinds and is one of {len(others)}"
    for kind, other in zip(kinds, others, strict=False):
        yield from lost(kind, other, root, now_root, path)


def resolved(schema, root):
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    return root["$defs"][name] if name else schema


def test_a_key_that_goes_or_changes_its_type_is_seen():
    before = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    now = {"type": "object", "required": [], "properties": {"a": {"type": "string"}}}

    assert list(lost(before, now, before, now)) == [".a is gone", ".a: type was integer and is string"]
    assert list(lost(before, {**before, "required": ["a", "b"]}, before, before)) == []
