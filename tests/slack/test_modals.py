"""Forms from the incomplete command to the answer, through real listeners, in both modes."""

from datetime import timedelta

import pytest
from bot_site import bot_site
from form_kit import act, choose, end_changes, form, lines, message, modal, modals, search, submit, text_of
from one_contract import SETTINGS

from bot.demo.http_client import loopback_client
from bot.slack.modal_flow import ANSWER_SECONDS

pytestmark = pytest.mark.anyio
BOB, VERA = "U0BOB", "U0VERA"
LATEST, AT_A_TIME, FROM_A_BACKUP = "0", "1", "2"
"""Answers to the first question of the restore form."""


@pytest.fixture(params=["socket", "http"])
async def site(request, tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, mode=request.param) as site:
        yield site


@pytest.fixture
async def http_site(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, mode="http") as site:
        yield site


async def test_a_line_that_lacks_something_opens_a_form_and_runs_as_if_it_had_been_typed(site):
    view = await form(site, BOB, "/pg cluster show")
    before = site.latest()
    offered = await search(site, BOB, view, "cluster", "orders-pr")
    outcome = await submit(site, BOB, view, cluster="orders-prod")
    answer = await site.next_message(BOB, before)
    await site.idle()

    assert offered[0] == "orders-prod"
    assert outcome["ok"], outcome
    assert await modals(site, BOB) == []
    assert "orders-prod" in answer["text"]
    assert lines(site) == [("cluster show", "form"), ("cluster show orders-prod", "accepted")]
    assert [row["code"] for row in site.audit()] == [None] * 3


async def test_a_change_is_reviewed_before_it_is_asked_for(site):
    view = await form(site, BOB, "/pg restore")
    await search(site, BOB, view, "cluster", "orders-prod")
    view = await choose(site, BOB, view, "choice:0", AT_A_TIME)
    to = int((site.demo.clock.now() - timedelta(hours=2)).timestamp())

    first = await submit(site, BOB, view, cluster="orders-prod", to=to, reason="bad deploy")
    review = await modal(site, BOB, "2 DBA approvals")
    proposed_before = [row for row in site.audit() if row["kind"] == "plan"]
    second = await submit(site, BOB, review)
    answer = await message(site, BOB, "waiting for 2 DBA approvals")
    await site.idle()

    assert first["ok"], first
    assert "Restore orders-prod" in text_of(review)
    assert proposed_before == []
    assert second["ok"], second
    assert await modals(site, BOB) == []
    assert "waiting for 2 DBA approvals" in text_of(answer)
    line = "restore orders-prod --reason 'bad deploy' --to 2026-11-23T07:00:00Z"
    assert lines(site)[-2:] == [(f"{line} --dry-run", "accepted"), (line, "accepted")]


async def test_what_the_planner_refuses_is_said_beside_the_field(http_site):
    view = await form(http_site, BOB, "/pg restore")
    await search(http_site, BOB, view, "cluster", "orders-prod")

    view = await choose(http_site, BOB, view, "choice:0", AT_A_TIME)
    to = int((http_site.demo.clock.now() - timedelta(minutes=2)).timestamp())
    too_new = await submit(http_site, BOB, view, cluster="orders-prod", to=to, reason="bad deploy")
    (still,) = await modals(http_site, BOB)

    assert too_new["error"] == "errors", too_new
    (where, words) = next(iter(too_new["ack"]["errors"].items()))
    assert where == "field:to"
    assert "is too recent" in words
    assert "“Target time”" in words
    assert "--" not in words
    assert still["id"] == view["id"]


async def put_in(site, view, block_id, value):
    """Put a value into a field on which nothing else depends: nothing is sent."""
    element = next(each["element"] for each in view["blocks"] if each["block_id"] == block_id)
    target = {"block_id": block_id, "action_id": element["action_id"], "value": value}
    assert (await act(site, "click", user=BOB, view_id=view["id"], **target))["ok"]


def field_of(view, name):
    """Return the block of a field, whatever was suggested for it; None for a field that is not shown."""
    blocks = (each for each in view["blocks"] if each["block_id"].split(":")[:2] == ["field", name])
    return next(blocks, None)


async def test_an_answer_shows_the_fields_that_belong_to_it_and_keeps_what_was_put_in(site):
    view = await form(site, BOB, "/pg restore")
    at = int((site.demo.clock.now() - timedelta(hours=2)).timestamp())
    shown_first = [field_of(view, name) for name in ("to", "backup", "into", "newest")]
    await put_in(site, view, "field:reason", "bad deploy")

    timed = await choose(site, BOB, view, "choice:0", AT_A_TIME)
    await put_in(site, timed, "field:to", at)
    latest = await choose(site, BOB, timed, "choice:0", LATEST)
    again = await choose(site, BOB, latest, "choice:0", AT_A_TIME)
    copied = await choose(site, BOB, again, "choice:1", "1")

    assert shown_first == [None] * 4
    assert field_of(timed, "to")["optional"] is False
    assert field_of(latest, "to") is None
    assert field_of(again, "to")["element"]["initial_date_time"] == at
    assert field_of(copied, "into")["optional"] is False
    assert field_of(copied, "to")
    assert copied["state"]["values"]["field:reason"]["value"]["value"] == "bad deploy"


async def test_a_reason_is_required_where_the_policy_demands_it_of_the_chosen_cluster(site):
    view = await form(site, BOB, "/pg restore")
    await search(site, BOB, view, "cluster", "orders")

    prod = await choose(site, BOB, view, "field:cluster", "orders-prod")
    staging = await choose(site, BOB, prod, "field:cluster", "orders-staging")
    typed = await form(site, BOB, "/pg restore orders-prod --form")
    typed = await choose(site, BOB, typed, "choice:0", LATEST)
    missing = await submit(site, BOB, typed, reason="")

    needed = [field_of(each, "reason")["optional"] for each in (view, prod, staging, typed)]
    assert needed == [True, False, True, False]
    assert missing["ack"]["errors"] == {"field:reason": "Please complete this required field."}


def options_of(view, block_id):
    """Return the labels of the answers to a question."""
    element = next(each["element"] for each in view["blocks"] if each["block_id"] == block_id)
    return [each["text"]["text"] for each in element["options"]]


async def test_a_backup_is_offered_only_where_the_api_of_the_chosen_cluster_takes_one(http_site):
    """In place on v2, the API chooses the backup itself."""
    view = await form(http_site, BOB, "/pg restore")
    await search(http_site, BOB, view, "cluster", "")
    backup = await choose(http_site, BOB, view, "choice:0", FROM_A_BACKUP)
    on_v2 = await choose(http_site, BOB, backup, "field:cluster", "catalogue-prod")
    copied = await choose(http_site, BOB, on_v2, "choice:1", "1")
    in_place = await choose(http_site, BOB, copied, "choice:1", "0")
    on_v1 = await choose(http_site, BOB, in_place, "field:cluster", "orders-prod")

    views = (view, on_v2, copied, in_place, on_v1)
    assert ["A backup" in options_of(each, "choice:0") for each in views] == [True, False, True, False, True]
    assert [field_of(each, "backup") is not None for each in (backup, on_v2)] == [True, False]


async def test_reports_are_picked_from_those_that_the_person_may_know_of(http_site):
    view = await form(http_site, BOB, "/pg report show")
    offered = await search(http_site, BOB, view, "report", "")
    outcome = await submit(http_site, BOB, view, report=offered[0])
    await http_site.idle()

    assert offered == sorted(each.name for each in http_site.bot.kernel.dispatcher.settings.reports)
    assert outcome["ok"], outcome
    assert lines(http_site)[-1] == (f"report show {offered[0]}", "accepted")


async def test_a_form_that_changed_meanwhile_is_not_overwritten(http_site):
    """Two answers one after the other: the older update is refused by its hash, and nothing breaks."""
    view = await form(http_site, BOB, "/pg restore")
    target = {"block_id": "choice:0", "action_id": "value", "user": BOB, "view_id": view["id"]}
    await act(http_site, "faults", target="views.update", kind="error", code="hash_conflict")
    await act(http_site, "click", value=LATEST, **target)
    await http_site.idle()

    assert field_of(await choose(http_site, BOB, view, "choice:0", AT_A_TIME), "to")


async def test_a_time_that_lies_ahead_is_refused_without_asking_the_cloud(http_site):
    view = await form(http_site, BOB, "/pg restore")
    await search(http_site, BOB, view, "cluster", "orders-prod")
    view = await choose(http_site, BOB, view, "choice:0", AT_A_TIME)
    ahead = int((http_site.demo.clock.now() + timedelta(hours=1)).timestamp())
    calls = http_site.demo.cloud.calls.count()

    outcome = await submit(http_site, BOB, view, cluster="orders-prod", to=ahead, reason="bad deploy")

    assert outcome["ack"]["errors"] == {"field:to": "Choose a time in the past."}
    assert calls == http_site.demo.cloud.calls.count()
    assert lines(http_site) == [("restore", "form")]


async def test_what_was_typed_already_stands_in_the_form(http_site):
    view = await form(http_site, BOB, '/pg cluster rename orders-staging --reason "shorter"')
    elements = {block["block_id"]: block.get("element", {}) for block in view["blocks"]}

    assert elements["field:cluster"]["initial_option"]["value"] == "orders-staging"
    assert elements["field:reason"]["initial_value"] == "shorter"
    assert "initial_value" not in elements["field:name"]


async def test_the_typed_name_is_asked_for_in_a_form_and_a_wrong_one_is_said_beside_it(site):
    await site.slash(BOB, "/pg cluster rename payments-prod payments-prod-live")
    proposal = await message(site, BOB, "Confirm it with the name of the cluster")

    clicked = await site.click(BOB, proposal, "Confirm rename")
    view = await modal(site, BOB, "field:name")
    wrong = await submit(site, BOB, view, name="orders-prod")
    right = await submit(site, BOB, view, name="payments-prod")
    await site.idle()

    assert clicked["ok"], clicked
    assert list(wrong["ack"]["errors"]) == ["field:name"]
    assert "type the cluster's name: payments-prod." in text_of(wrong)
    assert "change confirm" not in text_of(wrong)
    assert "To confirm, type the name of the cluster: payments-prod" in text_of(view)
    assert [block["optional"] for block in view["blocks"] if block["block_id"] == "field:name"] == [False]
    assert right["ok"], right
    assert await modals(site, BOB) == []
    await end_changes(site, BOB, "Rename payments-prod to payments-prod-live: ")
    confirmed = [row for row in site.audit() if row["text"].startswith("change confirm ")]
    assert "--digest " in confirmed[-1]["text"]
    assert confirmed[-1]["outcome"] == "ok"


async def test_a_form_to_confirm_says_nothing_of_somebody_elses_change(http_site):
    await http_site.slash(BOB, "/pg cluster rename payments-prod payments-prod-live")
    proposal = await message(http_site, BOB, "Confirm it with the name of the cluster")
    change = next(word for word in proposal["text"].split() if word.startswith("c-")).rstrip(",")

    view = await form(http_site, VERA, f"/pg change confirm {change} --form")
    assert "payments" not in text_of(view["blocks"])
    assert [block["optional"] for block in view["blocks"] if block["block_id"] == "field:name"] == [True]


async def test_nobody_gets_a_form_for_what_they_may_not_run(http_site):
    await http_site.slash(VERA, "/pg restore")
    view = await modal(http_site, VERA, "You may not run")

    assert "field:" not in text_of(view)
    assert lines(http_site) == [("restore", "denied")]
    assert [row["code"] for row in http_site.audit()] == ["policy.denied"]


async def test_only_what_the_person_may_see_is_offered(tmp_path, monkeypatch):
    settings = tmp_path / "app.yaml"
    demo = SETTINGS.read_text(encoding="utf-8")
    settings.write_text(
        demo.replace('["cluster list", ', '["cluster list", "cluster show", '), encoding="utf-8"
    )
    async with bot_site(tmp_path, monkeypatch, settings=settings) as site:
        for_bob = await search(site, BOB, await form(site, BOB, "/pg cluster show"), "cluster", "orders")
        for_vera = await search(site, VERA, await form(site, VERA, "/pg cluster show"), "cluster", "orders")

        assert {"orders-prod", "orders-staging"} <= set(for_bob)
        assert "orders-prod" in for_vera
        assert "orders-staging" not in for_vera


async def test_the_backups_offered_are_those_of_the_chosen_cluster(http_site):
    everything = await search(http_site, BOB, await form(http_site, BOB, "/pg backup show"), "backup", "")
    view = await form(http_site, BOB, "/pg restore orders-prod --form")
    view = await choose(http_site, BOB, view, "choice:0", FROM_A_BACKUP)
    chosen = await search(http_site, BOB, view, "backup", "")

    assert chosen
    assert set(chosen) < set(everything)
    assert len(everything) <= 100


async def test_a_trigger_that_is_dead_leaves_the_error_with_a_button_to_the_form(http_site):
    await act(http_site, "faults", target="slash_commands", kind="expired_trigger")
    answer = await http_site.ask(BOB, "/pg cluster show")
    clicked = await http_site.click(BOB, answer, "Fill in a form")
    view = await modal(http_site, BOB, "field:cluster")

    assert "needs &lt;cluster&gt;" in answer["text"]
    assert clicked["ok"], clicked
    assert view["title"]["text"] == "Cluster show"


async def test_a_form_that_is_closed_changes_nothing(http_site):
    view = await form(http_site, BOB, "/pg restore")
    closed = await act(http_site, "close", user=BOB, view_id=view["id"])

    assert closed["ok"]
    assert lines(http_site) == [("restore", "form")]


async def slow_cloud(site):
    """Make the cloud answer later than Slack waits for the ack of a form."""
    fault = {"kind": "latency", "seconds": ANSWER_SECONDS + 0.5, "times": 1}
    async with loopback_client() as http:
        (await http.post(f"{site.demo.cloud_url}/_cloud/faults", json=fault)).raise_for_status()


async def test_an_answer_that_comes_late_is_shown_in_the_form_and_sent(http_site):
    view = await form(http_site, BOB, "/pg cluster show orders-prod --form")
    await slow_cloud(http_site)

    outcome = await submit(http_site, BOB, view)
    (waiting,) = await modals(http_site, BOB)
    done = await modal(http_site, BOB, "orders-prod")
    await message(http_site, BOB, "PostgreSQL")
    await http_site.idle()

    assert outcome["ok"], outcome
    assert "One moment" in text_of(waiting)
    assert done["title"]["text"] == "Done"


async def test_an_error_that_comes_late_brings_the_form_back_as_it_was(http_site):
    view = await form(http_site, BOB, "/pg restore orders-prod --form")
    view = await choose(http_site, BOB, view, "choice:0", AT_A_TIME)
    to = int((http_site.demo.clock.now() - timedelta(minutes=2)).timestamp())
    await slow_cloud(http_site)

    await submit(http_site, BOB, view, to=to, reason="bad deploy")
    back = await modal(http_site, BOB, "is too recent")
    reason = next(each for each in back["blocks"] if each["block_id"] == "field:reason")
    await http_site.idle()

    assert reason["element"]["initial_value"] == "bad deploy"


@pytest.mark.parametrize(("reason", "fits"), [("\\" * 1_500, False), ("\N{SNOWMAN}" * 1_500, True)])
async def test_a_text_that_the_review_cannot_keep_is_said_beside_its_field(http_site, reason, fits):
    view = await form(http_site, BOB, "/pg restore")
    await search(http_site, BOB, view, "cluster", "orders-prod")
    view = await choose(http_site, BOB, view, "choice:0", AT_A_TIME)
    to = int((http_site.demo.clock.now() - timedelta(hours=2)).timestamp())
    outcome = await submit(http_site, BOB, view, cluster="orders-prod", to=to, reason=reason)

    assert outcome["ok"] is fits
    if not fits:
        assert outcome["ack"]["errors"] == {"field:reason": "This text is too long for a form. Shorten it."}


async def test_the_review_has_no_command_lines(http_site):
    view = await form(http_site, BOB, "/pg restore orders-prod --form")
    view = await choose(http_site, BOB, view, "choice:0", AT_A_TIME)
    to = int((http_site.demo.clock.now() - timedelta(hours=2)).timestamp())
    await submit(http_site, BOB, view, to=to, reason="bad deploy")
    review = await modal(http_site, BOB, "approval")

    assert "Safer: restore to a new cluster" in text_of(review["blocks"])
    assert "--" not in text_of(review["blocks"])
