"""`user delete`: the plan, its warnings, and the SQL for v2."""

import pytest
from change_requests import BOB, ask, read_script
from password_site import password_site, run_change
from terminal_site import Terminal

from bot.changes.record import ChangeState
from bot.domain.approval_requirement import RequirementKind
from bot.domain.plan import Harm
from bot.domain.reply import File
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


async def test_the_plan_names_what_the_user_owns(terminal):
    record = await ask(terminal, "user delete orders-prod orders --reason x", BOB)

    assert record.plan.action == "Delete user orders in orders-prod"
    assert record.plan.order == {"user": "orders"}
    assert record.plan.observed["owns"] == ["orders", "orders_archive"]
    assert any("It owns orders, orders_archive" in each for each in record.plan.warnings)


async def test_where_no_rule_says_otherwise_the_name_has_to_be_typed(terminal):
    record = await ask(terminal, "user delete orders-staging Orders-QA", BOB)

    assert terminal.kernel.dispatcher.policy.need(record.plan).kind in {
        RequirementKind.CONFIRM,
        RequirementKind.NAME,
    }
    assert record.plan.harm.value == "destructive"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("user delete orders-prod nobody", "has no user “nobody”"),
        ("user delete orders-prod postgres", "belongs to the platform"),
        ("user delete analytics-dev app", "is FAILED, so it can't be changed"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_on_v2_the_answer_is_a_script_that_keeps_the_objects(terminal):
    reply = await terminal.run("user delete payments-prod 'x\"; DROP TABLE y; --'", BOB)
    script = read_script(reply)

    assert not reply.ok
    assert script.startswith('-- Delete user x"; DROP TABLE y; -- of payments-prod\n')
    assert "\n\\set primary 'payments'\n\\set role 'x\"; DROP TABLE y; --'\n\\set heir 'payments'\n" in script
    assert "DROP OWNED" not in script
    assert "no data" in render_plain(reply)


async def test_on_v2_the_script_that_drops_the_objects_is_handed_out_once_it_is_approved(
    tmp_path, monkeypatch
):
    async with password_site(tmp_path, monkeypatch) as site:
        line = "/pg user delete payments-prod app --drop-objects --new-owner audit"
        change = await run_change(site, "U0BOB", line)
        shown = await Terminal(site.bot.kernel, site.demo.cloud, "").run(f"change show {change.id}", BOB)
        calls = [each for each in site.demo.cloud.calls.rows() if each["method"] not in {"GET", "HEAD"}]

    assert change.plan.harm is Harm.DESTRUCTIVE
    assert "every table and other object" in change.plan.warnings[0]
    assert (change.state, calls) == (ChangeState.DONE, [])
    assert "nothing has run" in change.result
    assert "DROP OWNED" in read_script(shown)
    assert "\n\\set heir 'audit'\n" in read_script(shown)


async def test_before_that_nobody_reads_the_script(terminal):
    change = await ask(terminal, "user delete payments-prod app --drop-objects", BOB)
    shown = await terminal.run(f"change show {change.id}", BOB)

    assert change.need.kind is RequirementKind.NAME
    assert all(not isinstance(part, File) for part in shown.parts)


@pytest.mark.parametrize("line", ["user delete", "user delete --drop-objects", "user password"])
async def test_the_primary_user_of_a_cluster_on_v2_is_refused(terminal, line):
    command, _, flag = line.partition(" --")
    reply = await terminal.run(f"{command} payments-prod payments {'--' + flag if flag else ''}", BOB)

    assert reply.title.startswith("payments is the primary user of payments-prod, so SQL must neither")
    assert all(not isinstance(part, File) for part in reply.parts)


@pytest.mark.parametrize("flag", ["--drop-objects", "--new-owner orders"])
async def test_v1_has_no_flags_for_the_objects(terminal, flag):
    reply = await terminal.run(f"user delete orders-prod Orders-QA {flag}", BOB)

    assert "--new-owner and --drop-objects work on v2 only" in reply.title


async def test_a_name_that_postgresql_would_cut_is_refused_with_its_bytes(terminal):
    reply = await terminal.run("user delete payments-prod " + "\u00e9" * 32, BOB)

    assert reply.title.startswith(
        "The name of the user has 64 bytes in UTF-8. PostgreSQL keeps only the first 63"
    )
