"""The code for decisions about what can lose data: one person's, once, for ten minutes, and in no log."""

import re
from datetime import timedelta

import pytest
from form_kit import act, message, modal, submit
from password_site import propose, type_line, wait_for_end
from rules_site import (
    ALICE,
    BOB,
    CAROL,
    PROD,
    change_now,
    everything_seen,
    find_cluster,
    requests_to,
    rules_document,
    rules_site,
)

from bot.changes.decision_checks import ALPHABET
from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio

ASKING = {
    "changes": ["cluster delete", "cluster resize"],
    "clusters": PROD,
    "roles": {"dba": 1},
    "step_up": True,
    "break_glass": ["dba"],
}
BY_NAME = {"changes": ["cluster delete"], "need": "type the name", "step_up": True}
OTHERS = {"changes": ["*"], "need": "confirm"}


@pytest.fixture(params=["socket", "http"])
async def site(request, tmp_path, monkeypatch):
    document = rules_document(ASKING, BY_NAME, OTHERS)
    async with rules_site(tmp_path, monkeypatch, document, mode=request.param) as site:
        yield site


@pytest.fixture
async def socket_site(tmp_path, monkeypatch):
    async with rules_site(tmp_path, monkeypatch, rules_document(ASKING, BY_NAME, OTHERS)) as site:
        yield site


def codes_of(site, user):
    """Return the codes that a person got by direct message, oldest first."""
    texts = [each.text for each in site.demo.workspace.direct_channel(user).messages.values()]
    return [text.split()[2] for text in texts if text.startswith("Your code: ")]


async def new_code(site, user, line):
    """Type a line that needs a code, and return the code that it brings."""
    known = len(codes_of(site, user))
    site.demo.clock.advance(timedelta(seconds=2))  # Slack takes one message a second in each channel
    await type_line(site, user, line)
    assert len(codes_of(site, user)) == known + 1
    return codes_of(site, user)[-1]


async def test_an_approval_counts_only_with_the_code(site):
    prod = find_cluster(site, "orders-prod")
    record = await propose(site, ALICE, "/pg cluster delete orders-prod")
    shown = await message(site, BOB, "Each decision needs a code")
    await site.click(BOB, shown, "Approve deletion")
    view = await modal(site, BOB, "field:code")
    clicked = await change_now(site, record)
    [code] = codes_of(site, BOB)
    refused = await submit(site, BOB, view, code="2345-6789")
    wrong = await change_now(site, record)
    assert (await submit(site, BOB, view, code=code.lower(), note="not needed any more"))["ok"]
    ended = await wait_for_end(site, record)

    assert re.fullmatch(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code)
    assert (clicked.votes, wrong.votes) == ((), ())
    assert "This code is wrong, already used or expired" in refused["ack"]["errors"]["field:code"]
    assert [vote.note for vote in ended.votes] == ["not needed any more"]
    assert (ended.state, requests_to(site, prod)) == (ChangeState.DONE, ["DELETE"])


async def test_a_code_is_in_no_row_and_no_file(socket_site, capfd):
    site = socket_site
    record = await propose(site, ALICE, "/pg cluster delete orders-prod")
    line = f"/pg change approve {record.id}"
    first = await new_code(site, BOB, line)
    for typed in (f"{line} {first}", f"{line} {first.replace('-', '')}", f"{line} --code"):
        await type_line(site, BOB, typed)
    code = await new_code(site, BOB, line)
    await type_line(site, BOB, f"{line} --code {code}")

    assert (await change_now(site, record)).state is not ChangeState.PROPOSED
    files = [each for each in site.bot.kernel.setup.data.rglob("*") if each.is_file()]
    texts = [each.read_bytes().decode("latin-1") for each in files]
    written = "".join([*(str(row) for row in site.audit()), *texts, *capfd.readouterr()])
    for each in (first, code):
        assert each not in written
        assert each.replace("-", "") not in written


@pytest.fixture
async def site_of_two(tmp_path, monkeypatch):
    """One approval is not enough: a change that begins takes nothing back."""
    document = rules_document(ASKING | {"roles": {"dba": 2}}, BY_NAME, OTHERS)
    async with rules_site(tmp_path, monkeypatch, document) as site:
        yield site


async def test_a_code_is_for_its_person_its_change_and_one_time(site_of_two):
    site = site_of_two
    one = await propose(site, ALICE, "/pg cluster delete orders-prod")
    other = await propose(site, ALICE, "/pg cluster delete payments-prod")
    of_carol = await new_code(site, CAROL, f"/pg change approve {one.id}")
    code = await new_code(site, BOB, f"/pg change approve {one.id}")
    for change, typed in ((one, of_carol), (other, code)):
        await type_line(site, BOB, f"/pg change approve {change.id} --code {typed}")
        assert (await change_now(site, change)).votes == ()
    await type_line(site, BOB, f"/pg change approve {one.id} --code {code}")
    assert [vote.voter for vote in (await change_now(site, one)).votes] == [BOB]
    await type_line(site, BOB, f"/pg change approve {one.id} --take-back")
    assert (await change_now(site, one)).votes == ()
    await type_line(site, BOB, f"/pg change approve {one.id} --code {code}")

    assert (await change_now(site, one)).votes == ()


@pytest.mark.parametrize("how", ["late", "guessed", "replaced"])
async def test_a_code_that_is_late_guessed_at_or_replaced_does_not_count(socket_site, how):
    site = socket_site
    record = await propose(site, ALICE, "/pg cluster delete orders-prod")
    line = f"/pg change approve {record.id}"
    code = await new_code(site, BOB, line)
    if how == "late":
        site.demo.clock.advance(timedelta(minutes=10))
    elif how == "guessed":
        for _ in range(5):
            await type_line(site, BOB, f"{line} --code 2345-6789")
    else:
        await new_code(site, BOB, line)
    await type_line(site, BOB, f"{line} --code {code}")

    assert (await change_now(site, record)).votes == ()


async def test_it_is_typed_into_a_form(socket_site):
    site = socket_site
    record = await propose(site, ALICE, "/pg cluster delete orders-prod")
    code = await new_code(site, BOB, f"/pg change approve {record.id}")
    await site.click(BOB, await message(site, BOB, "Enter code"), "Enter code")
    view = await modal(site, BOB, "field:code")
    assert (await submit(site, BOB, view, code=code))["ok"]
    await site.idle()

    assert (await change_now(site, record)).state is not ChangeState.PROPOSED


@pytest.mark.parametrize(
    ("asks", "decides", "name", "line"),
    [
        (ALICE, ALICE, "orders-staging", "change confirm {id} --name orders-staging"),
        (ALICE, BOB, "orders-prod", "change breakglass {id} --name orders-prod --reason fire"),
    ],
)
async def test_a_confirmation_and_break_glass_need_it_too(socket_site, asks, decides, name, line):
    site = socket_site
    record = await propose(site, asks, f"/pg cluster delete {name}")
    typed = f"/pg {line.format(id=record.id)}"
    code = await new_code(site, decides, typed)
    before = await change_now(site, record)
    await type_line(site, decides, f"{typed} --code {code}")
    ended = await wait_for_end(site, record)

    assert (before.state, ended.state) == (ChangeState.PROPOSED, ChangeState.DONE)


async def test_whoever_may_not_decide_is_sent_none_and_a_denial_needs_none(socket_site):
    site = socket_site
    record = await propose(site, ALICE, "/pg cluster delete orders-prod")
    await type_line(site, ALICE, f"/pg change approve {record.id}")
    await type_line(site, BOB, f"/pg change deny {record.id}")

    assert codes_of(site, ALICE) == codes_of(site, BOB) == []
    assert (await change_now(site, record)).state is ChangeState.DENIED


async def test_what_loses_no_data_needs_none(socket_site):
    site = socket_site
    record = await propose(site, ALICE, "/pg cluster resize orders-prod --cores 12")
    await type_line(site, BOB, f"/pg change approve {record.id}")

    assert [vote.voter for vote in (await change_now(site, record)).votes] == [BOB]


async def test_waiting_changes_are_in_home_whether_or_not_they_need_a_code(socket_site):
    site = socket_site
    record = await propose(site, ALICE, "/pg cluster delete orders-prod")
    await act(site, "home", user=BOB)
    await type_line(site, BOB, "/pg home")

    assert f"change show {record.id}" in await everything_seen(site, BOB)
