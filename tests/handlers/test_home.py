"""`home`: what needs a person, their changes, clusters and reports; and nothing that they may not see."""

from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, CAROL, NOBODY, PROD, STAGING, TEST, VERA, ask, become, person, run_log

from bot.changes.transitions import Transition
from bot.demo.cloud.records import Phase
from bot.domain.block_kit.validation import view_problems
from bot.domain.reply import GAP_WARNING, Choices, WorkItem, WorkList
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain
from bot.domain.request import Origin
from bot.slack.message_renderer import home_blocks
from handlers.home import MOST_FINISHED
from handlers.shared.work_items import MOST_EFFECTS, PagedGroup, show_page

pytestmark = pytest.mark.anyio

NORA = replace(person("U0NEW", "nora"), origin=Origin.SLACK, id="U0NEW")
"""May see nothing."""

NEEDS, PENDING, RUNNING, FINISHED = "Needs you", "Your pending changes", "Running", "Recently finished"


def group(reply, caption):
    """Return a group of the page, None where it is not there."""
    lists = [part for part in reply.parts if isinstance(part, WorkList)]
    return next((each for each in lists if each.caption.partition(" (")[0] == caption), None)


def ids(reply, caption):
    """Return the changes of a group by the buttons that show them."""
    return [item.choices[-1].command.removeprefix("change show ") for item in group(reply, caption).items]


def labels(reply, caption):
    return [[choice.label for choice in item.choices] for item in group(reply, caption).items]


async def test_whoever_can_approve_sees_what_it_does_and_the_buttons_for_it(terminal):
    record = await ask(terminal, PROD)

    reply = await terminal.run("home", BOB)
    assert reply.title == "1 change needs your attention"
    assert ids(reply, NEEDS) == [record.id]
    assert labels(reply, NEEDS) == [["Approve restore", "Deny", "View details"]]
    [needed] = make_document(reply)["data"]["needs_you"]
    assert (needed["act"], needed["change"]["id"]) == ("approve", record.id)
    said = group(reply, NEEDS).items[0].lines
    assert said[0].startswith("All writes after 2026-11-23 07:00:00 UTC will be lost")
    assert any(line.startswith("Requested by alice") and line.endswith(": bad deploy") for line in said)
    await terminal.run(f"change approve {record.id}", BOB)
    again = await terminal.run("home", BOB)
    assert again.title == "Nothing needs your attention"
    assert group(again, NEEDS).empty.startswith("Approvals, ")


async def test_a_plan_that_is_not_shown_whole_is_decided_about_where_it_is(terminal):
    record = await ask(terminal, PROD)
    effects = record.plan.effects * (MOST_EFFECTS + 1)
    plan = record.plan.model_copy(update={"effects": effects})
    await store_fields(terminal, record, plan=plan.model_dump_json())

    assert labels(await terminal.run("home", BOB), NEEDS) == [["Deny", "View details"]]


async def test_whoever_asked_sees_what_is_not_decided_and_what_ended(terminal):
    waiting, over = await ask(terminal, PROD), await ask(terminal, STAGING)
    await terminal.run(f"change withdraw {over.id}", ALICE)

    shown = await terminal.run("home", ALICE)
    assert ids(shown, PENDING) == [waiting.id]
    assert labels(shown, PENDING) == [["Withdraw", "Restore to a new cluster instead", "View details"]]
    assert group(shown, PENDING).items[0].lines[-1].startswith("Waiting for 2 DBA approvals")
    assert ids(shown, FINISHED) == [over.id]
    data = make_document(shown)["data"]
    assert [each["id"] for key in ("pending", "finished") for each in data[key]] == [waiting.id, over.id]
    assert group(shown, FINISHED).items[0].lines[0].startswith("Withdrawn, 2026-11-23")


@pytest.mark.parametrize("actor", [VERA, NOBODY])
async def test_others_are_asked_for_no_decision(terminal, actor):
    await ask(terminal, PROD)

    reply = await terminal.run("home", actor)
    assert reply.ok
    assert group(reply, NEEDS).items == ()


RESIZE = "cluster resize orders-staging --cores 5"
"""Needs a confirmation."""


async def store_fields(terminal, record, **fields):
    """Store the fields as the running bot would have by now."""
    rows = terminal.kernel.dispatcher.changes.rows
    await rows.step(record.id, lambda _: Transition(at=terminal.kernel.clock.now(), fields=fields))


@pytest.mark.parametrize("line", [RESIZE, TEST])
async def test_what_only_the_requester_can_confirm_needs_them_and_nobody_else(terminal, line):
    record = await ask(terminal, line, BOB)

    reply = await terminal.run("home", BOB)
    assert reply.title == "1 change needs your attention"
    assert ids(reply, NEEDS) == [record.id]
    assert ids(reply, PENDING) == []
    assert [label.split()[0] for label in labels(reply, NEEDS)[0]] == ["Confirm", "Withdraw", "View"]
    assert (await terminal.run("home", CAROL)).title == "Nothing needs your attention"
    assert (await terminal.run(f"change confirm {record.id} --name orders-staging", BOB)).ok
    assert (await terminal.run("home", BOB)).title == "Nothing needs your attention"


async def test_an_unknown_outcome_needs_whoever_may_settle_it(terminal):
    record = await ask(terminal, STAGING, ALICE)
    await store_fields(terminal, record, state="unknown", result="Nobody can tell")

    for actor in (ALICE, BOB):
        reply = await terminal.run("home", actor)
        assert reply.title == "1 change needs your attention"
        assert labels(reply, NEEDS) == [["Mark as run", "Mark as not run", "View details"]]
        assert "Its outcome is unknown." in group(reply, NEEDS).items[0].lines[-1]
    assert "unknown" not in render_plain(await terminal.run("home", VERA))


async def test_a_change_without_approval_needs_its_review_however_long_ago(terminal):
    record = await ask(terminal, PROD, ALICE)
    glass = f'change breakglass {record.id} --name orders-prod --reason "all hands"'
    assert (await terminal.run(glass, BOB)).ok
    await become(terminal.kernel, record.id, armed=True)
    await run_log(terminal.kernel).end(record.id, reached=True, words="", differs=[])
    terminal.kernel.clock.advance(timedelta(days=40))

    reply = await terminal.run("home", CAROL)
    assert reply.title == "1 change needs your attention"
    assert labels(reply, NEEDS) == [["Review break-glass", "View details"]]
    assert (await terminal.run("home", BOB)).title == "Nothing needs your attention"
    await terminal.run(f"change review {record.id}", CAROL)
    assert (await terminal.run("home", CAROL)).title == "Nothing needs your attention"


async def test_what_is_queued_or_runs_says_what_it_waits_for(terminal):
    first, second = await ask(terminal, STAGING), await ask(terminal, STAGING)
    for each in (first, second):
        await terminal.run(f"change approve {each.id}", BOB)
    await store_fields(terminal, first, state="running", progress="The cluster is BUSY")

    reply = await terminal.run("home", ALICE)
    assert reply.title == "Nothing needs your attention"
    lines = {item.choices[-1].command: item.lines for item in group(reply, RUNNING).items}
    assert lines[f"change show {first.id}"][0].startswith("Running: The cluster is BUSY")
    assert lines[f"change show {second.id}"][0].startswith(f"Queued: Queued behind {first.id}")


async def test_your_clusters_have_their_state_in_words_those_with_trouble_first(terminal):
    terminal.record("orders-staging").phase = Phase.FAILED

    shown = group(await terminal.run("home", ALICE), "Your clusters")
    assert [item.title for item in shown.items] == ["orders-staging", "orders-prod", "orders-prod-eu"]
    assert shown.items[0].lines[0].startswith("failed · PostgreSQL 16 · ")
    assert shown.items[0].choices[0].label == "View cluster"


async def test_reports_are_sorted_by_their_next_time_those_paused_last(terminal):
    await terminal.run("report pause activity", BOB)

    reply = await terminal.run("home --pages reports:3", BOB)
    shown = group(reply, "Next reports")
    *due, last = make_document(reply)["data"]["reports"]
    assert (last["name"], last["next_run_at"]) == ("activity", None)
    assert all(each["next_run_at"].endswith("Z") for each in due)
    assert shown.items[-1].title == "activity"
    assert shown.items[-1].lines[0].startswith("Paused")
    assert all(item.lines[0].startswith("Next: ") for item in shown.items[:-1])


@pytest.mark.parametrize(
    ("actor", "offered"),
    [(BOB, ["New restore", "New report", "All clusters"]), (NORA, [])],
)
async def test_only_what_may_be_run_here_can_be_begun(terminal, actor, offered):
    reply = await terminal.run("home", actor)
    starts = [choice for part in reply.parts if isinstance(part, Choices) for choice in part.choices]

    assert [each.label for each in starts] == offered
    assert all("--form" in each.command for each in starts if each.label.startswith("New"))


async def test_empty_groups_say_what_to_do_and_nothing_of_others(terminal):
    said = render_plain(await terminal.run("home", NORA))

    assert "There are no clusters that you may see. A permission in app.yaml" in said
    assert RUNNING not in said
    assert "orders" not in said
    assert "Next reports" not in said


async def test_that_the_clusters_could_not_be_looked_at_is_said_to_those_who_may_list_them(terminal):
    await terminal.fault(kind="status", status=403, path="/clusters")

    reply = await terminal.run("home", BOB)
    said = render_plain(reply)
    assert "Could not read v1" in said
    assert len(make_document(reply)["partial"]) > 3
    assert "There are no clusters" not in said
    assert GAP_WARNING not in render_plain(await terminal.run("home", NORA))


async def test_many_of_everything_are_within_slack_s_limits_page_by_page(terminal):
    records = [await ask(terminal, STAGING) for _ in range(12)]
    for each in records[:6]:
        await terminal.run(f"change approve {each.id}", BOB)

    first = await terminal.run("home", CAROL)
    found, pages = [], ["home"]
    for line in pages:
        reply = await terminal.run(line, CAROL)
        blocks = home_blocks(reply, terminal.kernel.clock.now())
        assert view_problems({"type": "home", "blocks": blocks}) == []
        found += ids(reply, NEEDS)
        pages += [each.command for each in group(reply, NEEDS).pages if each.label.startswith("Show more")]
    assert group(first, NEEDS).caption == "Needs you (1–5 of 6)"
    assert sorted(found) == sorted(each.id for each in records[6:])
    assert len(pages) == 2


GROUP = PagedGroup("some", "Some", 5, "None yet.")


@pytest.mark.parametrize(
    ("count", "asked", "shown", "turns"),
    [
        (0, 0, 0, []),
        (1, 0, 1, []),
        (5, 0, 5, []),
        (6, 0, 5, ["Show more (1)"]),
        (6, 5, 1, ["Back to the first"]),
        (16, 5, 5, ["Show more (6)", "Back to the first"]),
        (6, 7, 1, ["Back to the first"]),
        (3, 10, 3, []),
        (6, 900_000, 1, ["Back to the first"]),
    ],
)
def test_a_page_is_where_the_person_left_it_or_the_last_there_is(count, asked, shown, turns):
    items = [WorkItem(str(number)) for number in range(count)]
    page = show_page(GROUP, items, {"some": asked}, lambda key, start: f"home --pages {key}:{start}")

    assert len(page.items) == shown
    assert [choice.label for choice in page.pages] == turns


@pytest.mark.parametrize("pages", ["you:x", "you:99999999", "nonsense:5", "you", ":,::", "you:-5"])
async def test_pages_of_another_release_show_the_first(terminal, pages):
    assert group(await terminal.run(f"home --pages {pages}", BOB), NEEDS).pages == ()


def test_the_finished_changes_that_are_read_fill_their_pages():
    assert MOST_FINISHED >= 20
