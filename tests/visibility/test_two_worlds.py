"""Whoever may not see a cluster cannot tell whether it exists: each command answers alike in two worlds.

One world has clusters, changes, reports, waivers and a past that the other does not have, and that the person
who asks may not see. Answers are compared as text and as JSON, with the requests that they took. New commands
take part by themselves: with their examples, and with names of what is hidden in place of each argument.
"""

import difflib
from contextlib import AsyncExitStack

import pytest
from every_command import COMMANDS, every_command_site
from every_command_answers import without_random
from every_command_lines import PREPARED, SUBSTITUTED, with_cluster
from one_contract import DEMO_SETTINGS
from two_worlds import CHANGED, REGIONS, SECRET_CHANGES, SEES, World, copy_cluster, hidden_id, open_world

from bot.commands.declaration import CommandEffect, Registry, field_choices
from bot.commands.parser import is_list, parse, spell_line
from bot.demo.cloud.access import CONTRACT_B
from bot.domain.errors import InputError

pytestmark = pytest.mark.anyio

VAULT = hidden_id("vault-prod")
CLUSTERS = ("vault-prod", VAULT, "vault-p", "vault-prdo")
REFERENCES = {
    "cluster": CLUSTERS,
    "change": SECRET_CHANGES[:3],
    "backup": (f"{VAULT}-{{suffix}}", VAULT[:13]),
    "user": ("orders",),
    "database": ("orders",),
}
"""Names of hidden things, by what a field picks."""

OTHERS = ("vault-prod", VAULT, SECRET_CHANGES[0], "secret", "eeee00000000", "eeee00000000/1", "7")
"""What other fields are tried with: also a report, a trace and rows of the audit log."""


KNOWN = {("report add", "name", "secret")}
"""Reports have names of their own: one that is taken cannot be had, also where it may not be seen."""


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
async def worlds(tmp_path_factory, anyio_backend):
    folder = tmp_path_factory.mktemp("worlds")
    with pytest.MonkeyPatch.context() as patch:
        async with AsyncExitStack() as stack:
            yield [
                await stack.enter_async_context(open_world(folder / name, patch, has_hidden=name == "with"))
                for name in ("without", "with")
            ]


async def examples(table, command):
    """Return the command's examples with objects that everybody may see, made just before."""
    found = []
    for example in command.examples:
        names = await PREPARED[command.name](table, example) if command.name in PREPARED else {}
        line = example
        for word, meant in {**names, **SUBSTITUTED.get(command.name, {})}.items():
            line = line.replace(word, meant)
        found.append("audit show 7" if command.name == "audit show" else line)
    return found


async def differences(worlds, lines):
    """Return how the answers to these lines differ; each is one line, or one for each world."""
    found = []
    for line in lines:
        both = (line, line) if isinstance(line, str) else line
        texts = [await table.terminal.look(each) for table, each in zip(worlds, both, strict=True)]
        if texts[0] == texts[1]:
            continue  # as nearly always, and to look for what is random takes a while
        answers = [without_random(text).splitlines() for text in texts]
        if answers[0] != answers[1]:
            found.append("\n".join([both[0], *difflib.unified_diff(*answers, lineterm="", n=1)]))
    return found


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.name)
async def test_an_answer_does_not_depend_on_what_is_hidden(worlds, command):
    asked = [await examples(table, command) for table in worlds]
    found = await differences(worlds, list(zip(*asked, strict=True)))

    assert not found, "\n\n".join(found)


def hidden_lines(command, *, everything):
    """Return the command's examples with names of hidden things in place of their arguments."""
    found = []
    for number, example in enumerate(command.examples if everything else command.examples[:1]):
        try:
            given = parse(example, Registry((command,))).arguments
        except InputError:
            continue  # it shows a global flag alone
        for name, info in command.arguments.model_fields.items():
            if field_choices(info) or "str" not in str(info.annotation) or command.picks(name) == "hidden":
                continue
            names = REFERENCES.get(command.picks(name) or "", OTHERS)
            if names is OTHERS and not everything:
                # One of them, another for each field.
                names = OTHERS[(number + len(found)) % len(OTHERS) :][:1]
            for each in names:
                if (command.name, name, each) in KNOWN:
                    continue
                value = (each,) if is_list(info) else each
                found.append(spell_line(command, {**dict(given), name: value}))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("everything", [False, pytest.param(True, marks=pytest.mark.soak)])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.name)
async def test_what_is_hidden_is_as_what_is_missing(worlds, command, everything):
    found = await differences(worlds, hidden_lines(command, everything=everything))

    assert not found, "\n\n".join(found)


async def test_nothing_of_ones_own_is_the_same_beside_what_is_hidden(tmp_path, monkeypatch):
    """A command must not read the fleet only where something hidden makes it necessary."""
    async with AsyncExitStack() as stack:
        worlds = [
            await stack.enter_async_context(
                open_world(tmp_path / name, monkeypatch, has_hidden=name == "with", has_past=False)
            )
            for name in ("without", "with")
        ]
        found = []
        for command in COMMANDS:
            if command.effect is CommandEffect.READ:
                found += await differences(worlds, command.examples)

    assert not found, "\n\n".join(found)


SAME_NAME = (*CHANGED[:1], (CHANGED[1][0], CHANGED[1][1].replace(SEES, "[{contract: shop}]")), CHANGED[3])


async def test_a_hidden_cluster_of_the_same_name_is_not_in_the_way(tmp_path, monkeypatch):
    """A name means the one that may be seen, as if there were no other."""
    answers = []
    for name in ("without", "with"):
        folder = tmp_path / name
        folder.mkdir()
        async with every_command_site(
            folder, monkeypatch, settings=DEMO_SETTINGS, clusters=21, changed=SAME_NAME, regions=REGIONS
        ) as table:
            world = World(table.terminal.kernel, table.terminal.cloud, table.terminal.url)
            if name == "with":
                world.cloud.add(copy_cluster(world.record("orders-prod"), "orders-prod", CONTRACT_B))
            lines = filter(None, (with_cluster(each, each.examples[0], "orders-prod") for each in COMMANDS))
            answers.append({line: without_random(await world.look(line)) for line in lines})

    assert [line for line in answers[0] if answers[0][line] != answers[1][line]] == []
    assert len(answers[0]) > 20
