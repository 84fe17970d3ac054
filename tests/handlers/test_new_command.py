"""A new command is one file: everything that knows commands finds it, and no golden file changes."""

import importlib
import sys
from dataclasses import replace
from itertools import chain

import pytest
from change_requests import BOB
from doc_tables import command_table
from every_command import GUEST_OF_NOTHING, every_command_site
from every_command_answers import complaints, kinds
from every_command_lines import CHANNEL, mistyped_lines, with_cluster
from golden_files import FOLDER

import handlers
from bot.commands.declaration import Registry
from bot.commands.reference_page import commands_page
from bot.demo.workspace.validator import check_view
from bot.domain.block_kit.validation import view_problems
from bot.settings.model import Settings
from bot.slack.manifest import manifest_for
from bot.slack.modals import FormContent, ModalForm, form_view

pytestmark = pytest.mark.anyio

FILE = '''
"""`/pg cluster place`: where a cluster is."""

from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, returns
from bot.domain.cluster import ClusterRef
from bot.domain.reply import Fields, Reply
from bot.domain.result import CommandResult
from handlers.shared.argument_types import ClusterName


class ClusterPlaceArguments(Arguments):
    cluster: ClusterName
    short: bool = False
    """Only the region"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPlace(CommandResult):
    cluster: ClusterRef


@returns(ClusterPlace)
@command(examples=("cluster place orders-prod",))
async def cluster_place(args: ClusterPlaceArguments, ctx: Context) -> Reply:
    """Show where a cluster is."""
    cluster = await ctx.cluster(args.cluster)
    return Reply(
        f"{cluster.name} is in {cluster.region}",
        (Fields((("Contract", cluster.contract),)),),
        result=ClusterPlace(cluster=ClusterRef.of(cluster)),
    )
'''


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """Return today's commands, and one more from a package like `handlers`."""
    folder = tmp_path / "handlers_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "cluster_place.py").write_text(FILE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    package = importlib.import_module(folder.name)
    yield Registry((*Registry.discover(handlers), *Registry.discover(package)))
    for name in [each for each in sys.modules if each.startswith(folder.name)]:
        del sys.modules[name]


@pytest.fixture
def command(registry):
    return registry.get(("cluster", "place"))


def test_documents_have_it(registry):
    page = commands_page(registry)

    assert "### `cluster place`\n\nShow where a cluster is." in page
    assert "[place](docs/commands.md#cluster-place)" in command_table(registry)


def test_its_form_and_the_manifest_are_what_slack_takes(registry, command):
    view = form_view(ModalForm(command.name, "C0OPS"), command, FormContent({"cluster": "orders-prod"}))
    document = manifest_for(Settings(), registry)

    check_view(view)
    assert view_problems(view) == []
    assert len(document["features"]["slash_commands"][0]["usage_hint"]) <= 100


async def test_it_runs_and_is_refused_in_the_words_of_every_command(tmp_path, monkeypatch, registry, command):
    async with every_command_site(tmp_path, monkeypatch) as table:
        kernel = table.terminal.kernel
        table.terminal.kernel = replace(kernel, dispatcher=replace(kernel.dispatcher, registry=registry))
        line = await table.line(command)
        works = await table.say(command, line)
        listed = await table.terminal.run("help cluster", BOB, CHANNEL)
        refused = {
            "denied": [await table.say(command, line, GUEST_OF_NOTHING)],
            "bad_argument": [await table.say(command, wrong) for wrong in mistyped_lines(command, line)],
            "missing_cluster": [await table.say(command, with_cluster(command, line, "nowhere-prod"))],
        }

    assert works.reply.title == "orders-prod is in de/txl"
    assert "cluster place" in str(listed.parts)
    assert [complaint for cell in [works, *chain(*refused.values())] for complaint in complaints(cell)] == []
    for case, cells in refused.items():
        reviewed = (FOLDER / "refusals" / f"{case}.txt").read_text(encoding="utf-8")
        assert [kind for kind in kinds(cells)[:-1].split("\n\n") if kind not in reviewed] == []
