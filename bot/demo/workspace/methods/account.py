"""auth.test and apps.connections.open: the bot's identity and its WebSocket address."""

from bot.demo.workspace.members import APP, BOT, TEAM
from bot.demo.workspace.methods.registry import MethodCall, bot_user, method
from bot.demo.workspace.refusal import Json
from bot.demo.workspace.tokens import APP_LEVEL, IDENTITY

INSTALLER = "U0ALICE"
"""The person who installed the app, whose the user token is."""


@method("auth.test", tokens=IDENTITY, tier=None)
async def test_auth(call: MethodCall) -> Json:
    """Return the bot or the person that the token belongs to; for an app-level token, the app alone."""
    if call.holder == "app":
        return {"app_name": call.workspace.manifest.app_name, "app_id": APP}
    user = bot_user(call) if call.holder == "bot" else INSTALLER
    return {
        "url": "https://demo.slack.com/",
        "team": "Demo",
        "user": call.workspace.people[user].name,
        "team_id": TEAM,
        "user_id": user,
        **({"bot_id": BOT} if call.holder == "bot" else {}),
        "is_enterprise_install": call.workspace.is_org_wide,
        **({"enterprise_id": call.workspace.enterprise} if call.workspace.enterprise else {}),
    }


@method("apps.connections.open", tokens=APP_LEVEL, tier=1)
async def open_connection(call: MethodCall) -> Json:
    """Return a WebSocket address that works once."""
    ticket = call.workspace.sockets.issue_ticket()
    return {"url": f"{call.base_url.replace('http', 'ws', 1)}/socket/{ticket}?app_id={APP}"}
