"""The whole bot under approval rules of a test's own, and what people see of its changes."""

from contextlib import asynccontextmanager

import anyio
from bot_site import bot_site
from form_kit import text_of
from one_contract import SETTINGS
from password_site import tick
from yaml_files import read_yaml, write_yaml

ALICE, BOB, CAROL, VERA = "U0ALICE", "U0BOB", "U0CAROL", "U0VERA"
PEOPLE = {"developer": [ALICE, VERA], "dba": [BOB, CAROL]}
PROD = [{"name": "*prod*"}]
EVERYTHING = [{"to": ["developer", "dba"], "allow": ["*"]}]


def rules_document(*rules, **sections):
    """Return the demo's app.yaml with these approval rules, and everything allowed to everybody named."""
    document = read_yaml(SETTINGS)
    document |= {"people": PEOPLE, "permissions": EVERYTHING, "reports": [], "holidays": {}}
    document["clusters"] = [{"match": {"name": "*prod*"}, "tier": "prod"}]
    document["approvals"] = {"channel": "C0OPS", "rules": list(rules)}
    return document | sections


@asynccontextmanager
async def rules_site(tmp_path, monkeypatch, document, **options):
    """Run the bot with this app.yaml; time passes at the end, so that late messages get their turn."""
    settings = tmp_path / "app.yaml"
    write_yaml(settings, document)
    async with anyio.create_task_group() as ticking:
        async with bot_site(tmp_path, monkeypatch, settings=settings, clusters=12, **options) as site:
            try:
                yield site
            finally:
                ticking.start_soon(tick, site.demo.clock)
        ticking.cancel_scope.cancel()


async def change_now(site, record):
    """Return the change as it is stored now."""
    return await site.bot.kernel.dispatcher.changes.rows.get(record.id)


async def everything_seen(site, user):
    """Return all that a person sees in the channel, as one text."""
    return "".join(text_of(each) for each in await site.seen(user))


def requests_to(site, cluster):
    """Return the methods of the mutating requests about a cluster that the cloud got."""
    return [post["method"] for post in site.demo.cloud.posts.rows() if post["id"] == cluster.id]


def find_cluster(site, name):
    """Return the simulator's record of a cluster."""
    return next(each for each in site.demo.cloud.everything() if each.name == name)
