"""The look of forms: Slack takes every command's form, and a few are golden files."""

import re
from datetime import UTC, datetime
from itertools import product
from typing import Annotated

import pytest
from golden_files import assert_golden
from hypothesis import HealthCheck, given, settings
from pydantic import Field
from reply_strategies import replies

import handlers
from bot.commands.declaration import (
    TIMES,
    Arguments,
    Command,
    Positional,
    Registry,
    field_choices,
    size_limits,
)
from bot.commands.form_layout import list_choices_of
from bot.demo.workspace.validator import check_view
from bot.domain.block_kit.validation import view_problems
from bot.domain.reply import Choice, Choices, Fields, Note, Reply, Table, Text, Warn, WorkItem, WorkList
from bot.slack.message_renderer import home_blocks, modal_blocks
from bot.slack.modal_flow import REQUEST
from bot.slack.modals import (
    RADIO_OPTIONS,
    SEARCHED,
    FormContent,
    ModalForm,
    form_view,
    read_form,
    read_values,
    review_view,
)

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


FLAG_WORDS = re.compile(
    r"--\w|\bflags?\b|quotes|given by|<\w+>|/pg\b|\bsuch as \d+[hdm]\b|\bmention\b", re.IGNORECASE
)
"""What belongs on a command line, and not in a form."""

SUGGESTED = {"cores": "4", "ram": "16", "day": "sunday", "replication": "asynchronous", "logs": "on"}


def every_view(command):
    """Yield the form of a command for every combination of answers to its questions."""
    options = [range(len(choice.options)) for choice in list_choices_of(command.layout)]
    form = ModalForm(command.name, "C0OPS")
    for answers in product(*options):
        yield form_view(form, command, FormContent({}, answers=dict(enumerate(answers)), suggested=SUGGESTED))


def inputs(view):
    return {each["block_id"].split(":")[1]: each for each in view["blocks"] if each["type"] == "input"}


def words_of(view):
    """Return every text that a person reads in the view."""
    for block in view["blocks"]:
        element = block.get("element", {})
        texts = [block.get("label"), block.get("hint"), block.get("text"), element.get("placeholder")]
        texts += [*block.get("elements", ()), *(each["text"] for each in element.get("options", ()))]
        yield from (text["text"] for text in texts if text)


@pytest.mark.parametrize("command", list(REGISTRY), ids=lambda each: each.name)
def test_the_form_of_every_command_is_one_that_slack_takes(command):
    for view in every_view(command):
        assert view_problems(view) == []
        check_view(view)
    assert read_values(blank(command), command) == {}


@pytest.mark.parametrize("command", list(REGISTRY), ids=lambda each: each.name)
def test_every_form_speaks_of_fields_and_never_of_flags(command):
    for view in every_view(command):
        assert [words for words in words_of(view) if FLAG_WORDS.search(words)] == []
        labels = [block["label"]["text"] for block in inputs(view).values()]
        assert len(set(labels)) == len(labels)
        assert all(label[0].isupper() and "_" not in label and len(label) <= 40 for label in labels)
        assert all(len(block.get("hint", {}).get("text", "")) <= 100 for block in inputs(view).values())


PICKERS = {
    **dict.fromkeys(SEARCHED, "external_select"),
    **dict.fromkeys(TIMES, "datetimepicker"),
    "person": "users_select",
    "channel": "conversations_select",
    "day": "datepicker",
}


def expected_element(command, name):
    info, what = command.arguments.model_fields[name], command.picks(name)
    if what is not None:
        return PICKERS[what]
    if info.annotation is bool:
        return "checkboxes"
    if options := field_choices(info):
        is_cleared = not info.is_required() and info.default is None
        return "radio_buttons" if len(options) + is_cleared <= RADIO_OPTIONS else "static_select"
    is_number = size_limits(info) is not None or info.annotation in {int, int | None, float, float | None}
    return "number_input" if is_number else "plain_text_input"


@pytest.mark.parametrize("command", list(REGISTRY), ids=lambda each: each.name)
def test_every_field_has_the_element_that_fits_it(command):
    shown = {}
    for view in every_view(command):
        shown |= {
            name: block for name, block in inputs(view).items() if block["block_id"].startswith("field:")
        }
    asked = {name for name in command.arguments.model_fields if command.picks(name) != "hidden"}
    given = {option.sets for choice in list_choices_of(command.layout) for option in choice.options}

    assert shown.keys() == asked - given
    for name, block in shown.items():
        element, info = block["element"], command.arguments.model_fields[name]
        assert element["type"] == expected_element(command, name), name
        assert not (info.is_required() and block["optional"]), name
        if limits := size_limits(info):
            assert "(GB)" in block["label"]["text"]
            assert (element["min_value"], element["max_value"]) == (str(limits.least), str(limits.most))
        elif element["type"] == "number_input":
            assert "min_value" in element, name


BY_NAME = {"cluster": "cluster", "change": "change", "backup": "backup", "channel": "channel", "since": TIMES}
"""Names of fields that everywhere mean the same, with what they pick."""

NOT_PICKED = {
    "audit list": {"cluster"},
    "audit search": {"cluster"},
    **{name: {"since"} for name in ("change list", "summary activity", "summary changes")},
}
"""A deleted cluster is in no list, and these are lengths of time."""


@pytest.mark.parametrize("command", list(REGISTRY), ids=lambda each: each.name)
def test_what_can_be_picked_need_not_be_typed(command):
    for name in command.arguments.model_fields.keys() & BY_NAME.keys() - NOT_PICKED.get(command.name, set()):
        assert command.picks(name) in BY_NAME[name], name


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
