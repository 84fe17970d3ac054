"""`change review`: the post-incident review of a break-glass change by somebody else."""

import pytest
from change_requests import BOB, CAROL, VERA, ask, now

from bot.domain.reply_document import make_document

pytestmark = pytest.mark.anyio


@pytest.fixture
async def record(terminal):
    record = await ask(terminal)
    await terminal.run(f'change breakglass {record.id} --name orders-prod --reason "now"', BOB)
    return record


async def test_somebody_who_was_skipped_reviews_it_once(terminal, record):
    reply = await terminal.run(f'change review {record.id} --reason "it was right"', CAROL)
    assert make_document(reply)["data"]["change"]["reviewer_name"] == "carol"
    assert (await now(terminal, record)).reviewed_by == "carol"
    again = await terminal.run(f"change review {record.id}", CAROL)
    assert "carol already reviewed" in again.title


@pytest.mark.parametrize(
    ("actor", "says"),
    [(BOB, "can't review it"), (VERA, "Only people who could have approved")],
)
async def test_neither_who_did_it_nor_others_review_it(terminal, record, actor, says):
    reply = await terminal.run(f"change review {record.id}", actor)

    assert says in reply.title
    assert (await now(terminal, record)).reviewed_by == ""


async def test_there_is_nothing_to_review_in_the_normal_way(terminal):
    record = await ask(terminal)

    assert "needs no review" in (await terminal.run(f"change review {record.id}", CAROL)).title
