"""The look of forms: Slack takes every command's form, and a few are golden files."""

from datetime import UTC, datetime
from typing import Annotated

import pytest
from golden_files import assert_golden
from hypothesis import HealthCheck, given, settings
from pydantic import Field
from reply_strategies import replies

import handlers
from bot.commands.declaration import Arguments, Command, Positional, Registry
from bot.demo.workspace.validator import check_view
from bot.domain.block_kit.validation import view_problems
from bot.domain.reply import Choice, Choices, Fields, Note, Reply, Table, Text, Warn, WorkItem, WorkList
from bot.slack.modal_flow import REQUEST
from bot.slack.modals import FormContent, ModalForm, form_view, read_form, read_values, review_view
from bot.slack.view_blocks import home_blocks, modal_blocks

REGISTRY = Registry.discover(handlers)
REPLY = Reply(
    "Restore orders-prod to 2026-11-20 10:00:00 UTC",
    (
        Warn("What was written since is lost."),
        Fields((("Cluster", "orders-prod"), ("Requires", "2 DBA approvals"))),
        Table("Plan", ("What", "Before", "After"), (("Data", "as of now", "as of 10:00"),)),
        Text("Read it twice."),
        Choices((Choice("Show", "change show c-222222"),)),
        Note("A dry run."),
    ),
)


PAGE = Reply(
    "1 change needs your attention",
    (
        Choices((Choice("New restore", "restore --form"),)),
        WorkList(
            "Needs you",
            (
                WorkItem(
                    "Restore orders-prod to 2026-11-20 10:00:00 UTC",
                    ("All writes after that will be lost.", "It needs your approval."),
                    (
                        Choice("Approve restore", "change approve c-222222 --digest 0123", primary=True),
                        Choice("View details", "change show c-222222"),
                    ),
                ),
            ),
            pages=(Choice("Show more (3)", "home --pages you:5"),),
        ),
        WorkList("Running", (), "Nothing is running that you may see."),
        WorkList(
            "Your clusters",
            (
                WorkItem(
                    "orders-prod", ("failed · de/txl",), (Choice("View cluster", "cluster show orders-prod"),)
                ),
                WorkItem(
                    "*orders*", ("available · de/txl",), (Choice("View cluster", "cluster show *orders*"),)
                ),
            ),
        ),
        Note("Could not read v2 es/vit: no answer in time."),
    ),
)


def blank(command, **values):
    return form_view(ModalForm(command.name, "C0OPS"), command, FormContent(values))


@pytest.mark.parametrize("command", list(REGISTRY), ids=lambda each: each.name)
def test_the_form_of_every_command_is_one_that_slack_takes(command):
    view = blank(command)

    assert view_problems(view) == []
    check_view(view)
    assert read_values(view, command) == {}


def test_the_form_of_a_restore_is_as_reviewed():
    command = REGISTRY.get(("restore",))
    assert_golden("slack_form_restore", blank(command, cluster="orders-prod", reason="bad deploy"))


def test_the_review_and_the_home_page_are_as_reviewed():
    command = REGISTRY.get(("restore",))
    form = ModalForm("restore", "C0OPS", line="restore orders-prod --to 2026-11-20T10:00:00Z")
    review = review_view(form, command, modal_blocks(REPLY), REQUEST)
    page = home_blocks(PAGE, datetime(2026, 11, 23, 9, 0, tzinfo=UTC))

    assert view_problems(review) == []
    assert view_problems({"type": "home", "blocks": page}) == []
    assert_golden("slack_form_review", review)
    assert_golden("slack_home", page)


@pytest.mark.parametrize("filler", ["x", "&", "*"])
def test_a_page_of_more_than_slack_takes_is_shortened(filler):
    item = WorkItem(filler * 2_000, (filler * 4_000,), tuple(Choice(filler, "help") for _ in range(30)))
    page = home_blocks(Reply(filler * 500, (WorkList("Many", (item,) * 60),) * 9), datetime.now(tz=UTC))

    assert view_problems({"type": "home", "blocks": page}) == []
    assert len(page) <= 100
    assert "Updated" in str(page[-1])


@given(replies)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_whatever_a_home_page_holds_slack_takes_it(reply):
    page = home_blocks(reply, datetime(2026, 11, 23, 9, 0, tzinfo=UTC))

    assert view_problems({"type": "home", "blocks": page}) == []


class EveryKind(Arguments):
    word: Annotated[str, Positional(), Field(description="A word")]
    number: Annotated[int | None, Field(ge=1, le=9, description="A number")] = None
    share: Annotated[float, Field(description="A share")] = 0.5
    flag: Annotated[bool, Field(description="A switch")] = False
    several: Annotated[list[str], Field(description="Several words")] = []  # noqa: RUF012 - pydantic copies


async def nothing(_args, _ctx):
    """Never run."""


EVERY = Command(words=("every",), summary="Every kind.", details="", arguments=EveryKind, run=nothing)


def test_what_is_put_in_is_read_back_by_its_kind():
    states = {
        "word": {"type": "plain_text_input", "value": "one"},
        "number": {"type": "number_input", "value": "3"},
        "share": {"type": "number_input", "value": None},
        "flag": {"type": "checkboxes", "selected_options": [{"value": "yes"}]},
        "several": {"type": "plain_text_input", "value": "a, b,,c "},
    }
    view = {"state": {"values": {f"field:{name}": {"value": state} for name, state in states.items()}}}

    assert read_values(view, EVERY) == {
        "word": "one",
        "number": "3",
        "flag": True,
        "several": ["a", "b", "c"],
    }
    bounds = next(
        block["element"] for block in blank(EVERY)["blocks"] if block.get("block_id") == "field:number"
    )
    assert (bounds["min_value"], bounds["max_value"], bounds["is_decimal_allowed"]) == ("1", "9", False)


def test_a_time_is_picked_and_read_back_in_utc():
    command = REGISTRY.get(("restore",))
    state = {"type": "datetimepicker", "selected_date_time": 1_763_632_800}
    view = {"state": {"values": {"field:to": {"value": state}}}}

    assert read_values(view, command) == {"to": "2025-11-20T10:00:00Z"}


@pytest.mark.parametrize("metadata", ["", "x", "[]", '{"command": 1, "who": 2}'])
def test_a_view_that_is_no_form_of_ours_is_none(metadata):
    assert read_form({"callback_id": "form", "private_metadata": metadata}) is None
    assert read_form({"callback_id": "other", "private_metadata": "{}"}) is None
