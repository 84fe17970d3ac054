"""`database delete`: the plan, its refusals, the SQL for v2, and the proof that it is gone."""

import pytest
from change_requests import BOB, ask, read_script
from password_site import password_site, run_change
from terminal_site import Terminal

from bot.changes.record import ChangeState
from bot.domain.reply import File

pytestmark = pytest.mark.anyio


async def test_the_plan_says_that_the_data_is_lost(terminal):
    plan = (await ask(terminal, "database delete orders-prod orders_archive", BOB)).plan

    assert plan.harm.value == "destructive"
    assert plan.warnings[0].startswith("Its data will be lost")
    assert plan.effects[0].before == "orders_archive, owned by orders"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("database delete orders-prod nothing", "has no database “nothing”"),
        ("database delete orders-prod postgres", "belongs to the platform"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    assert says in (await terminal.run(line, BOB)).title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_on_v2_the_database_of_the_credentials_is_refused(terminal):
    """The next change of the cluster would make it again, without a word."""
    reply = await terminal.run("database delete payments-prod payments", BOB)

    assert reply.title.startswith("payments is the database in the credentials of payments-prod")
    assert all(not isinstance(part, File) for part in reply.parts)


async def test_on_v2_what_is_approved_is_the_sql(tmp_path, monkeypatch):
    async with password_site(tmp_path, monkeypatch) as site:
        change = await run_change(site, "U0BOB", "/pg database delete payments-prod x")
        script = read_script(
            await Terminal(site.bot.kernel, site.demo.cloud, "").run(f"change show {change.id}", BOB)
        )

    assert change.plan.harm.value == "destructive"
    assert "\n\\set database 'x'\n" in script
    assert script.index("\\prompt") < script.index('\nDROP DATABASE :"database";\n')


async def test_users_and_databases_come_and_go(tmp_path, monkeypatch):
    async with password_site(tmp_path, monkeypatch) as site:
        bob = "U0BOB"
        made = await run_change(site, bob, "/pg database create orders-staging extra --owner orders")
        gone = await run_change(site, bob, "/pg database delete orders-staging extra")
        user = await run_change(site, bob, "/pg user delete orders-staging Orders-QA")
        [cluster] = [each for each in site.demo.cloud.everything() if each.name == "orders-staging"]

    assert [each.state for each in (made, gone, user)] == [ChangeState.DONE] * 3
    assert (sorted(cluster.databases), sorted(cluster.users)) == (["orders"], ["orders"])
