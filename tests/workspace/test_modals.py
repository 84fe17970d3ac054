"""Modals as a person uses them: acks of the bot, closing, and invalid entries."""

import pytest
from workspace_bolt import MODAL, bolt_over_http, bolt_over_socket
from workspace_site import workspace_site

from bot.demo.workspace.conversation import LARGEST
from bot.demo.workspace.refusal import MethodRefusal
from bot.demo.workspace.user_actions import attach_file
from bot.domain.block_kit.validation import view_problems

pytestmark = pytest.mark.anyio

TRANSPORTS = {"socket": bolt_over_socket, "http": bolt_over_http}


@pytest.fixture(params=TRANSPORTS)
async def running(request):
    """Yield (site, seen): the simulator with the foreign app."""
    async with workspace_site() as site, TRANSPORTS[request.param](site) as (_handler, seen):
        yield site, seen


def words(text):
    return {"type": "plain_text", "text": text}


async def opened(site, view, user="U0ALICE"):
    answer = await site.client.views_open(trigger_id=site.workspace.triggers.issue(user), view=view)
    return answer["view"]["id"]


async def stack(site, user="U0ALICE"):
    return (await site.look("views", user=user))["stack"]


async def submit(site, view_id, **values):
    return await site.operate("submit", user="U0ALICE", view_id=view_id, values=values)


async def test_an_answer_updates_pushes_or_clears(running):
    site, _seen = running
    view_id = await opened(site, MODAL)
    assert (await submit(site, view_id, reason="update"))["ok"]
    (updated,) = await stack(site)
    assert (updated["id"], updated["title"]["text"]) == (view_id, "Second")
    assert (await submit(site, view_id, reason="push"))["ok"]
    below, above = await stack(site)
    assert (below["id"], above["previous_view_id"]) == (view_id, view_id)
    assert (await submit(site, view_id, reason="x"))["error"] == "not_found"
    assert (await submit(site, above["id"], reason="push"))["ok"]
    top = (await stack(site))[-1]["id"]
    assert (await submit(site, top, reason="push"))["error"] == "push_limit_reached"
    assert len(await stack(site)) == 3
    assert (await submit(site, top, reason="clear"))["ok"]
    assert await stack(site) == []


async def test_an_answer_that_slack_would_refuse_is_an_error_for_the_person(running):
    site, _seen = running
    view_id = await opened(site, MODAL)
    assert (await submit(site, view_id, reason="home"))["error"] == "invalid_arguments"
    assert (await submit(site, view_id, reason="elsewhere"))["error"] == "invalid_errors"
    assert [view["id"] for view in await stack(site)] == [view_id]


async def test_one_view_closes_after_another_unless_cleared(running):
    site, seen = running
    root = await opened(site, MODAL)
    await submit(site, root, reason="push")
    top = (await stack(site))[-1]["id"]
    assert (await site.operate("close", user="U0ALICE", view_id=root))["error"] == "not_found"
    assert (await site.operate("close", user="U0ALICE", view_id=top))["ok"]
    assert [view["id"] for view in await stack(site)] == [root]
    assert seen[-1][0] == "closed"
    assert (seen[-1][1]["view"]["id"], seen[-1][1]["is_cleared"]) == (top, False)
    assert "trigger_id" not in seen[-1][1]


@pytest.mark.parametrize("how", ["cross", "clear_on_close"])
async def test_clearing_tells_of_every_view_that_asked(running, how):
    site, seen = running
    root = await opened(site, {**MODAL, "clear_on_close": how == "clear_on_close"})
    if how == "cross":
        await submit(site, root, reason="push")
    going = [view["id"] for view in await stack(site)]
    closing = {"everything": True} if how == "cross" else {}
    assert (await site.operate("close", user="U0ALICE", view_id=going[-1], **closing))["ok"]
    assert await stack(site) == []
    told = [(body["view"]["id"], body["is_cleared"]) for what, body in seen if what == "closed"]
    assert told == [(view_id, True) for view_id in reversed(going)]


async def test_a_view_that_did_not_ask_closes_in_silence(running):
    site, seen = running
    view_id = await opened(site, {**MODAL, "notify_on_close": False})
    assert (await site.operate("close", user="U0ALICE", view_id=view_id))["ok"]
    assert seen == []


def asking(block_id, element, **more):
    named = {"action_id": block_id, **element}
    return {"type": "input", "block_id": block_id, "label": words("x"), "element": named, **more}


TEXT, NUMBER = {"type": "plain_text_input"}, {"type": "number_input", "is_decimal_allowed": False}


@pytest.mark.parametrize(
    ("block", "value", "complaint"),
    [
        (asking("a", TEXT), "", "Please complete this required field."),
        (asking("a", {**TEXT, "min_length": 3}), "ab", "Use at least 3 characters."),
        (asking("a", {**TEXT, "max_length": 3}), "abcd", "Use at most 3 characters."),
        (asking("a", TEXT), "x" * 3001, "Use at most 3000 characters."),
        (asking("a", NUMBER), "many", "Enter a number."),
        (asking("a", NUMBER), "1.5", "Enter a whole number."),
        (asking("a", NUMBER), "Infinity", "Enter a whole number."),
        (asking("a", {**NUMBER, "min_value": "2"}), "1", "Enter 2 or more."),
        (asking("a", {**NUMBER, "max_value": "2"}), "3", "Enter 2 or less."),
        (asking("a", {"type": "email_text_input"}), "bob at example.com", "Enter an email address."),
        (
            asking("a", {"type": "url_text_input"}),
            "example.com",
            "Enter a link that begins with https:// or http://.",
        ),
        (asking("a", {"type": "file_input"}), [], "Please complete this required field."),
        (asking("a", {"type": "file_input"}), [{"id": "F1"}] * 11, "Add at most 10 files."),
        (asking("a", {"type": "file_input", "max_files": 1}), [{"id": "F1"}] * 2, "Add at most 1 file."),
    ],
)
async def test_what_does_not_fit_is_not_sent(block, value, complaint):
    async with workspace_site() as site, bolt_over_socket(site) as (_handler, seen):
        view_id = await opened(site, {**MODAL, "blocks": [block]})
        refused = await submit(site, view_id, a=value)
        assert (refused["error"], refused["ack"]) == ("missing_input", {"errors": {"a": complaint}})
        assert seen == []


OPTIONS = [{"text": words(name), "value": name} for name in ("one", "two", "three")]
EVERY_INPUT = {
    "text": ({**TEXT, "min_length": 2, "max_length": 2}, "ab", {"value": "ab"}),
    "number": ({**NUMBER, "min_value": "1", "max_value": "2"}, "2", {"value": "2"}),
    "email": ({"type": "email_text_input"}, "a@b.example", {"value": "a@b.example"}),
    "one": ({"type": "static_select", "options": OPTIONS}, "two", {"selected_option": OPTIONS[1]}),
    "some": (
        {"type": "multi_static_select", "options": OPTIONS, "max_selected_items": 2},
        ["one", "three"],
        {"selected_options": [OPTIONS[0], OPTIONS[2]]},
    ),
    "radio": ({"type": "radio_buttons", "options": OPTIONS}, "one", {"selected_option": OPTIONS[0]}),
    "boxes": ({"type": "checkboxes", "options": OPTIONS}, ["two"], {"selected_options": [OPTIONS[1]]}),
    "day": ({"type": "datepicker"}, "2026-11-24", {"selected_date": "2026-11-24"}),
    "hour": ({"type": "timepicker"}, "10:00", {"selected_time": "10:00"}),
    "moment": ({"type": "datetimepicker"}, 1_795_000_000, {"selected_date_time": 1_795_000_000}),
    "who": ({"type": "users_select"}, "U0BOB", {"selected_user": "U0BOB"}),
    "where": ({"type": "channels_select"}, "C0OPS", {"selected_channel": "C0OPS"}),
    "rooms": (
        {"type": "multi_conversations_select"},
        ["C0OPS"],
        {"selected_conversations": ["C0OPS"]},
    ),
}


async def test_a_submission_carries_every_kind_of_input(running):
    site, seen = running
    blocks = [asking(name, element) for name, (element, _value, _held) in EVERY_INPUT.items()]
    hidden = [asking("why", {**TEXT, "action_id": "reason", "initial_value": "good"})]
    view_id = await opened(site, {**MODAL, "blocks": [*hidden, *blocks]})
    values = {name: value for name, (_element, value, _held) in EVERY_INPUT.items()}
    assert (await submit(site, view_id, **values))["ok"]
    sent = seen[0][1]["view"]["state"]["values"]
    assert sent.pop("why") == {"reason": {"type": "plain_text_input", "value": "good"}}
    assert sent == {
        name: {name: {"type": element["type"], **held}} for name, (element, _v, held) in EVERY_INPUT.items()
    }


async def test_only_what_is_on_offer_can_be_chosen():
    several = asking("a", {"type": "multi_static_select", "options": OPTIONS, "max_selected_items": 1})
    async with workspace_site() as site:
        view_id = await opened(site, {**MODAL, "blocks": [several]})
        assert (await submit(site, view_id, a=["four"]))["error"] == "option_not_found"
        assert (await submit(site, view_id, a=["one", "two"]))["error"] == "too_many_options"


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [("datepicker", "tomorrow"), ("timepicker", "9:30"), ("datetimepicker", "2026-11-24T10:00")],
)
async def test_a_picker_sends_only_what_slacks_own_can(kind, wrong):
    async with workspace_site() as site:
        view_id = await opened(site, {**MODAL, "blocks": [asking("a", {"type": kind})]})
        assert (await submit(site, view_id, a=wrong))["error"] == "invalid_value"


async def test_a_menu_of_conversations_offers_only_what_its_filter_lets_through():
    own = {"include": ["public"], "exclude_external_shared_channels": True, "exclude_bot_users": True}
    room = asking("a", {"type": "conversations_select", "filter": own})
    async with workspace_site() as site:
        shared = next(each.id for each in site.workspace.channels.values() if each.external)
        private = next(each.id for each in site.workspace.channels.values() if each.kind == "private")
        view_id = await opened(site, {**MODAL, "blocks": [room]})
        for unfit in (shared, private, "C0NOWHERE"):
            assert (await submit(site, view_id, a=unfit))["error"] == "option_not_found"
        assert (await submit(site, view_id, a="C0OPS"))["error"] != "option_not_found"


@pytest.mark.parametrize("wrong", [{}, {"include": []}, {"include": ["channels"]}, {"exclude": True}])
def test_a_filter_of_conversations_has_the_keys_that_slack_knows(wrong):
    view = {**MODAL, "blocks": [asking("a", {"type": "conversations_select", "filter": wrong})]}

    assert view_problems(view)


async def test_an_element_of_the_topmost_view_only_can_be_touched(running):
    site, seen = running
    row = {"type": "actions", "block_id": "row", "elements": [
        {"type": "button", "action_id": "ask", "text": words("Ask")},
        {"type": "static_select", "action_id": "pick", "options": OPTIONS},
    ]}  # fmt: skip
    root = await opened(site, {**MODAL, "blocks": [row, *MODAL["blocks"]]})
    place = {"user": "U0ALICE", "view_id": root}
    assert (await site.operate("click", **place, action_id="ask"))["ok"]
    values = seen[0][1]["view"]["state"]["values"]
    assert values["why"]["reason"] == {"type": "plain_text_input", "value": None}
    assert values["row"] == {"pick": {"type": "static_select", "selected_option": None}}
    # The click opened another root; the first is gone from under it.
    assert (await site.operate("click", **place, action_id="ask"))["error"] == "not_found"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"user": "U0NOBODY"}, "user_not_found"),
        ({"user": "U0GONE"}, "account_inactive"),
        ({"content": "no base64!"}, "invalid_arguments"),
        ({"content": "YQ==" * 3}, "invalid_arguments"),
    ],
)
async def test_a_file_of_nobody_or_of_no_bytes_is_refused(wrong, error):
    async with workspace_site() as site:
        given = {"user": "U0ALICE", "name": "a.csv", "content": "YSxi"}
        assert (await site.operate("upload", **given | wrong))["error"] == error
        assert site.workspace.files.by_id == {}


async def test_a_file_that_is_too_large_is_refused():
    async with workspace_site() as site:
        with pytest.raises(MethodRefusal, match="file_upload_size_restricted"):
            attach_file(site.workspace, user="U0ALICE", name="a.csv", content=bytes(LARGEST + 1))
