"""The overview from Slack: `status`, through HTTP, and the Home tab, through Socket Mode."""

import pytest
from form_kit import home, message, text_of
from password_site import ALICE, BOB

pytestmark = pytest.mark.anyio


async def test_status_is_one_message_that_can_be_shared(http_site):
    answer = await http_site.ask(BOB, "/pg status")
    await http_site.click(BOB, answer, "Share to channel")
    shared = await message(http_site, ALICE, "44 clusters")

    assert "maintenance" in text_of(answer).casefold()
    assert not shared["ephemeral"]
    assert answer["text"].partition("\n")[0] in shared["text"]


async def test_home_has_what_waits_for_whom(socket_site):
    site = socket_site
    nothing = await home(site, BOB, "Nothing needs your attention")
    await site.ask(ALICE, '/pg restore orders-prod --to 2h --reason "bad deploy"')
    waiting = await home(site, BOB, "Restore orders-prod")
    asked = await home(site, ALICE, "Restore orders-prod")

    assert "Restore orders-prod" not in text_of(nothing)
    assert "It needs your approval." in text_of(waiting)
    assert "Approve restore" in text_of(waiting)
    assert "It needs your approval." not in text_of(asked)
