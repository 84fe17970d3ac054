"""Slack's answers to a missing, unknown or wrong token, for every method, and the product's sentences."""

import pytest
from pydantic import SecretStr
from workspace_site import workspace_site

from bot.demo.workspace.members import APP
from bot.demo.workspace.methods.registry import METHODS
from bot.domain.errors import SlackError
from bot.settings.sections import SlackSettings
from bot.slack.connection import open_slack, open_socket_address

pytestmark = pytest.mark.anyio

BOT, APP_LEVEL, USER, CONFIGURATION = "xoxb-demo", "xapp-demo", "xoxp-demo", "xoxe.xoxp-demo"
TOKEN_WORDS = {"not_authed", "invalid_auth", "not_allowed_token_type", "missing_scope"}
VIEWS = {"views.open", "views.push", "views.update", "views.publish"}
WITHOUT_SCOPE = {"auth.test", "chat.getPermalink", *VIEWS}
SOCKET = "apps.connections.open"


@pytest.fixture(scope="module")
async def site():
    async with workspace_site() as open_site:
        yield open_site


async def word(site, method, token="", **more):
    """Return Slack's word about the token; "" for another word or none."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = await site.http.post(f"/api/{method}", headers=headers, **more)
    assert answer.status_code == 200
    said = answer.json().get("error")
    return said if said in TOKEN_WORDS else ""


@pytest.mark.parametrize("method", sorted(METHODS))
async def test_every_method_takes_its_own_kinds_and_names_what_is_wrong(site, method):
    said = {token: await word(site, method, token) for token in (BOT, APP_LEVEL, USER, CONFIGURATION)}
    refused = "not_allowed_token_type"
    if method == SOCKET:
        assert said == {APP_LEVEL: "", BOT: refused, USER: refused, CONFIGURATION: refused}
    else:
        assert said == {
            BOT: "",
            APP_LEVEL: "" if method == "auth.test" else refused,
            USER: "" if method in WITHOUT_SCOPE else "missing_scope",
            CONFIGURATION: refused,
        }


@pytest.mark.parametrize("method", sorted(METHODS))
async def test_every_method_refuses_an_unknown_token_and_none(site, method):
    for token in ("xoxb-other", "xapp-1-A0OTHER-1-x", "xoxp-other", "xoxc-other", "demo", "xoxb-demo-"):
        assert await word(site, method, token) == "invalid_auth", token
    assert await word(site, method) == "not_authed"


@pytest.mark.parametrize("method", sorted(METHODS))
async def test_a_token_is_read_from_the_header_or_a_form_and_from_nothing_else(site, method):
    """Slack opens Socket Mode for a token in the header only."""
    own = APP_LEVEL if method == SOCKET else BOT
    assert await word(site, method, data={"token": own}) == ("invalid_auth" if method == SOCKET else "")
    assert await word(site, method, json={"token": own}) == "not_authed"
    assert await word(site, method, params={"token": own}) == "not_authed"
    basic = await site.http.post(f"/api/{method}", headers={"authorization": f"Basic {own}"})
    assert basic.json()["error"] == "not_authed"


async def test_auth_test_says_whose_each_token_is(site):
    answers = {}
    for token in (BOT, USER, APP_LEVEL):
        answer = await site.http.post("/api/auth.test", headers={"authorization": f"Bearer {token}"})
        answers[token] = answer.json()
    assert (answers[BOT]["user_id"], answers[BOT]["bot_id"]) == ("U0PGBOT", "B0PGBOT")
    assert answers[USER]["user_id"] == "U0ALICE"
    assert "bot_id" not in answers[USER]
    assert answers[APP_LEVEL] == {"ok": True, "app_name": "PG Ops", "app_id": APP}


async def test_a_user_token_has_the_scopes_of_a_person(site):
    headers = {"authorization": f"Bearer {USER}"}
    answer = (await site.http.post("/api/users.info", headers=headers, data={"user": "U0ALICE"})).json()
    assert (answer["needed"], answer["provided"]) == ("users:read", "identify")


NO_SOCKET = "Slack refuses to open Socket Mode with the app token"
SENTENCES = {
    (USER, APP_LEVEL): ("The bot token is a user token.", "xoxb-"),
    (APP_LEVEL, APP_LEVEL): ("The bot token is an app-level token.", "xoxb-"),
    (CONFIGURATION, APP_LEVEL): ("Slack refuses the bot token: not_allowed_token_type.", "SLACK_BOT_TOKEN"),
    ("xoxb-other", APP_LEVEL): ("Slack refuses the bot token: invalid_auth.", "SLACK_BOT_TOKEN"),
    (BOT, BOT): (
        f"{NO_SOCKET}: not_allowed_token_type.",
        "app-level",
    ),
    (BOT, USER): (
        f"{NO_SOCKET}: not_allowed_token_type.",
        "app-level",
    ),
    (BOT, "xapp-other"): (f"{NO_SOCKET}: invalid_auth.", "an app-level token"),
}


@pytest.mark.parametrize("tokens", SENTENCES, ids=" and ".join)
async def test_the_product_names_the_wrong_token_and_the_right_one(site, tokens, monkeypatch):
    bot_token, app_token = tokens
    monkeypatch.setenv("SLACK_BOT_TOKEN", bot_token)
    with pytest.raises(SlackError) as caught:
        async with open_slack(SlackSettings(api_url=f"{site.url}/api/")) as slack:
            await open_socket_address(slack.client, SecretStr(app_token))
    sentence, advice = SENTENCES[tokens]
    assert caught.value.sentence == sentence
    assert advice in caught.value.next_step
