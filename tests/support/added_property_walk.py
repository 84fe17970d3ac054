"""The walk of one more property through everything that reads the cluster property table."""

import asyncio
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from change_requests import BOB, ask, carried_out, cluster
from pack_kit import pack_files
from rule_kit import READY, facts
from terminal_site import terminal_site

from bot.domain.cluster import Api
from migrations.v1_v2_diff import compare_clusters, list_one_sided


async def walk(folder: Path) -> None:
    """Create, show, change, plan and read back on the simulator; compare and pack."""
    with pytest.MonkeyPatch.context() as patch:
        async with terminal_site(folder, patch) as terminal:
            record = await ask(terminal, "cluster create payments-prod-2 --like payments-prod --foo on", BOB)
            assert record.plan.arguments["foo"] == "on"
            assert ("Foo switched", "on") in {(each.what, each.after) for each in record.plan.effects}
            assert await carried_out(terminal, record) == []
            assert cluster(terminal, "payments-prod-2").switches["foo_enabled"] is True

            (shown,) = [
                each
                for each in (await terminal.kernel.fleet.clusters()).items
                if each.name == "payments-prod-2"
            ]
            assert (shown.foo_enabled, shown.oddities) == (True, ())
            again = await ask(terminal, "cluster create payments-prod-3 --like payments-prod-2", BOB)
            assert again.plan.arguments["foo"] == "on"

            change = await ask(terminal, "cluster logging payments-prod-2 --foo off", BOB)
            assert change.plan.effects[0].model_dump() == {
                "what": "Foo switched",
                "before": "on",
                "after": "off",
                "is_detail": False,
            }
            assert await carried_out(terminal, change) == []
            assert cluster(terminal, "payments-prod-2").switches["foo_enabled"] is False

            refused = await terminal.run("cluster logging orders-prod --foo on", BOB)
            assert "The v1 API does not support “foo switched”" in refused.title, refused
            templates = terminal.kernel.dispatcher.registry.get(("cluster", "create")).ionosctl
            assert "[--foo-enabled={foo_enabled}]" in "".join(templates.values())
    compare_and_pack()


def compare_and_pack() -> None:
    """Compare twins of which one has the property, and pack a cluster that has it switched on."""
    twin = replace(READY, api=Api.V2, storage_type=None, backup_retention_days=7, foo_enabled=True)
    assert compare_clusters(READY, twin) == ()
    assert "v1 has no switch for foo" in list_one_sided(READY, twin)
    files = pack_files(facts(v2_cluster=twin))
    assert json.loads(files["body.json"])["properties"]["fooEnabled"] is True
    assert "foo is off" in pack_files(facts())["README.md"]
    assert "  foo_enabled " in files["adopt_v2.tf"]
    assert "--foo-enabled" in files["ionosctl.sh"]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(walk(Path(place)))
