"""Slack's limits: one too many is refused, the limit itself is accepted."""

import pytest
from workspace_payloads import (
    DIVIDER,
    HEADER,
    JUST_ENOUGH,
    TOO_MUCH,
    actions,
    button,
    pie,
    plain,
    rich,
    rows,
    section,
    table,
)

from bot.demo.workspace.refusal import MethodRefusal
from bot.demo.workspace.validator import check_attachments, check_message, check_view, shown_length


@pytest.mark.parametrize("blocks", TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_message_over_a_limit_is_refused(blocks):
    with pytest.raises(MethodRefusal) as caught:
        check_message(blocks)
    assert caught.value.code == "invalid_blocks"
    assert "[json-pointer:/blocks" in caught.value.messages[0]


@pytest.mark.parametrize("blocks", JUST_ENOUGH.values(), ids=JUST_ENOUGH)
def test_a_message_at_a_limit_is_taken(blocks):
    assert check_message(blocks) is None


def test_the_whole_message_has_a_limit_of_its_own():
    blocks = [section("x" * 3000)] * 4 + [section("x" * 1201)]
    with pytest.raises(MethodRefusal) as caught:
        check_message(blocks)
    assert caught.value.code == "msg_blocks_too_long"


def test_blocks_that_are_no_list_are_refused():
    with pytest.raises(MethodRefusal) as caught:
        check_message({"type": "section"})
    assert caught.value.code == "invalid_blocks_format"


@pytest.mark.parametrize(
    ("blocks", "length"),
    [
        ([HEADER], 101),
        ([section("a&b")], 7),
        ([section("a&amp;b")], 7),
        ([{"type": "section", "text": plain("<&>")}], 13),
        ([table("data_table", rows(2, 2, "ab"))], 9),
        ([actions(button(text="four", value="not shown"))], 4),
        ([rich("a<b")], 6),
    ],
)
def test_length_is_counted_as_it_is_shown(blocks, length):
    assert shown_length(blocks) == length


def modal(**more):
    return {"type": "modal", "title": plain("x"), "blocks": [section()], **more}


def asking(**more):
    element = {"type": "plain_text_input", "action_id": "a", **more}
    return {"type": "input", "label": plain("x"), "element": element}


@pytest.mark.parametrize(
    "view",
    [
        modal(title=plain("x" * 25)),
        {"type": "modal", "blocks": []},
        modal(submit=plain("x" * 25)),
        modal(close=plain("x" * 25)),
        modal(blocks=[DIVIDER] * 101),
        modal(private_metadata="x" * 3001),
        modal(callback_id="x" * 256),
        modal(blocks=[asking()]),
        modal(blocks=[table("data_table", rows(2))]),
        modal(blocks=[pie(1)]),
        modal(blocks="none"),
        modal(colour="red"),
        modal(submit=plain("s"), blocks=[asking(max_length=3001)]),
        {"type": "home", "blocks": [{"type": "alert", "text": plain("x")}]},
        {"type": "home", "blocks": [pie(1)]},
        {"type": "home", "blocks": [{"type": "markdown", "text": "x"}]},
    ],
)
def test_a_view_over_a_limit_is_refused(view):
    with pytest.raises(MethodRefusal) as caught:
        check_view(view)
    assert caught.value.code == "invalid_arguments"
    assert "[json-pointer:/view" in caught.value.messages[0]


@pytest.mark.parametrize(
    "view",
    [
        modal(title=plain("x" * 24), submit=plain("x" * 24), close=plain("x" * 24)),
        modal(blocks=[DIVIDER] * 100),
        modal(private_metadata="x" * 3000, callback_id="x" * 255),
        modal(submit=plain("s"), blocks=[asking(max_length=3000)]),
        modal(blocks=[{"type": "alert", "text": plain("x" * 200), "level": "warning"}]),
        {"type": "home", "blocks": [table("data_table", rows(2)), *[DIVIDER] * 99]},
    ],
)
def test_a_view_at_a_limit_is_taken(view):
    assert check_view(view) is None


def test_a_view_of_more_than_250_kb_is_refused():
    blocks = [section("x" * 3000)] * 84
    with pytest.raises(MethodRefusal) as caught:
        check_view(modal(blocks=blocks))
    assert caught.value.code == "view_too_large"
    assert check_view(modal(blocks=blocks[:80])) is None


@pytest.mark.parametrize(
    ("attachments", "word"),
    [
        ([{"text": "x"}] * 101, "too_many_attachments"),
        (["x"], "invalid_attachments"),
        ({"text": "x"}, "invalid_attachments"),
        ([{"blocks": [HEADER, {"type": "header"}]}], "invalid_attachments"),
        ([{"blocks": "none"}], "invalid_attachments"),
    ],
)
def test_attachments_have_limits_and_their_blocks_too(attachments, word):
    with pytest.raises(MethodRefusal) as caught:
        check_attachments(attachments)
    assert caught.value.code == word


def test_attachments_at_the_limit_are_taken():
    assert check_attachments([{"blocks": [HEADER]}, *[{"text": "x"}] * 99]) is None
