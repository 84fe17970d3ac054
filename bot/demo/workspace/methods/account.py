"""auth.test and apps.connections.open: the bot's identity and its WebSocket address."""

from bot.demo.workspace.members import APP, BOT, TEAM
from bot.demo.workspace.methods.registry import MethodCall, bot_user, method
from bot.demo.workspace.refusal import Json


@method("auth.test", tier=None)
async def test_auth(call: MethodCall) -> Json:
    """Return the bot that the token belongs to."""
    user = bot_user(call)
    return {
        "url": "https://demo.slack.com/",
        "team": "Demo",
        "user": call.workspace.people[user].name,
        "team_id": TEAM,
        "user_id": user,
        "bot_id": BOT,
        "is_enterprise_install": call.workspace.is_org_wide,
        **({"enterprise_id": call.workspace.enterprise} if call.workspace.enterprise else {}),
    }


@method("apps.connections.open", holder="app", tier=1)
async def open_connection(call: MethodCall) -> Json:
    """Return a WebSocket address that works once."""
    ticket = call.workspace.sockets.issue_ticket()
    return {"url": f"{call.base_url.replace('http', 'ws', 1)}/socket/{ticket}?app_id={APP}"}
