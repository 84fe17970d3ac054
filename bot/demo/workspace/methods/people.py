"""auth.test and apps.connections.open, users.* and usergroups.*: the app's identity, accounts and groups."""

from collections.abc import Sequence
from typing import TypeVar

from bot.demo.workspace.members import APP, BOT, TEAM
from bot.demo.workspace.methods.registry import APP_LEVEL, BOT_OR_USER, MethodCall, method
from bot.demo.workspace.refusal import Json, MethodRefusal

INSTALLER = "U0ALICE"
"""The person who installed the app, whose the user token is."""

LONGEST_PAGE = 1_000
"""Most items of a page (Slack documentation, "Pagination")."""

T = TypeVar("T")


@method("auth.test", tokens=BOT_OR_USER | APP_LEVEL, tier=None)
async def test_auth(call: MethodCall) -> Json:
    """Return the bot or the person that the token belongs to; for an app-level token, the app alone."""
    if call.holder == "app":
        return {"app_name": call.workspace.manifest.app_name, "app_id": APP}
    user = call.bot_user() if call.holder == "bot" else INSTALLER
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
    return {"url": f"{call.workspace.base_url.replace('http', 'ws', 1)}/socket/{ticket}?app_id={APP}"}


@method("users.info", "users:read")
async def user_info(call: MethodCall) -> Json:
    """Return one account, also a deactivated or foreign one."""
    person = call.workspace.people.get(call.required("user", "user_not_found"))
    if person is None:
        raise MethodRefusal("user_not_found")
    return {"user": person.json()}


@method("users.list", "users:read", tier=2)
async def user_list(call: MethodCall) -> Json:
    """Return the team's accounts, page by page if a limit is given."""
    people = [person.json() for person in call.workspace.people.values() if not person.stranger]
    page, cursor = paged(call, people)
    return {"members": page, "cache_ts": 0, **cursor}


@method("usergroups.list", "usergroups:read", tier=2)
async def group_list(call: MethodCall) -> Json:
    """Return the user groups; disabled ones and members on request."""
    groups: list[Json] = []
    for group in call.workspace.groups.values():
        if group.disabled and not call.flag("include_disabled"):
            continue
        members = {"users": list(group.users)} if call.flag("include_users") else {}
        groups.append(group.json() | members)
    return {"usergroups": groups}


@method("usergroups.users.list", "usergroups:read", tier=2)
async def group_members(call: MethodCall) -> Json:
    """Return the ids of a group's members, without pages. A token of a whole enterprise has to say where."""
    if call.workspace.is_org_wide:
        call.required("team_id")
    group = call.workspace.groups.get(call.required("usergroup"))
    if group is None or (group.disabled and not call.flag("include_disabled")):
        raise MethodRefusal("no_such_subteam")
    return {"users": list(group.users)}


def paged(call: MethodCall, items: Sequence[T], *, default: int | None = None) -> tuple[list[T], Json]:
    """Return one page, and `response_metadata` with the cursor of the next, empty at the end.

    `default` is the page without a limit. Raises MethodRefusal `invalid_limit` or `invalid_cursor`.
    """
    limit = call.number("limit") or default or len(items) or 1
    if not 1 <= limit <= max(LONGEST_PAGE, len(items) if default is None else 0):
        raise MethodRefusal("invalid_limit")
    cursor = call.text("cursor")
    if cursor and not cursor.removeprefix("at:").isdecimal():
        raise MethodRefusal("invalid_cursor")
    start = int(cursor.removeprefix("at:") or 0)
    end = start + limit
    following = f"at:{end}" if end < len(items) else ""
    return list(items[start:end]), {"response_metadata": {"next_cursor": following}}
