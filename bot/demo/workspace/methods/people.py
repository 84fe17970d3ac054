"""users.* and usergroups.*: accounts and groups."""

from collections.abc import Sequence
from typing import TypeVar

from bot.demo.workspace.members import Group
from bot.demo.workspace.methods.registry import MethodCall, method
from bot.demo.workspace.refusal import Json, MethodRefusal

LONGEST_PAGE = 1_000
"""Most items of a page (Slack documentation, "Pagination")."""


@method("users.info", "users:read")
async def user_info(call: MethodCall) -> Json:
    """Return one account, also a deactivated or foreign one."""
    person = call.workspace.people.get(call.arguments.required("user", "user_not_found"))
    if person is None:
        raise MethodRefusal("user_not_found")
    return {"user": person.json()}


@method("users.list", "users:read", tier=2)
async def user_list(call: MethodCall) -> Json:
    """Return the team's accounts, page by page if a limit is given."""
    people = [person.json() for person in call.workspace.people.values() if not person.stranger]
    page, cursor = paged(call, people)
    return {"members": page, "cache_ts": 0, "response_metadata": {"next_cursor": cursor}}


@method("usergroups.list", "usergroups:read", tier=2)
async def group_list(call: MethodCall) -> Json:
    """Return the user groups; disabled ones and members on request."""
    arguments = call.arguments
    groups: list[Json] = []
    for group in call.workspace.groups.values():
        if group.disabled and not arguments.flag("include_disabled"):
            continue
        members = {"users": list(group.users)} if arguments.flag("include_users") else {}
        groups.append(group.json() | members)
    return {"usergroups": groups}


@method("usergroups.users.list", "usergroups:read", tier=2)
async def group_members(call: MethodCall) -> Json:
    """Return the ids of a group's members, without pages. A token of a whole enterprise has to say where."""
    if call.workspace.is_org_wide:
        call.arguments.required("team_id")
    group = find_group(call)
    if group.disabled and not call.arguments.flag("include_disabled"):
        raise MethodRefusal("no_such_subteam")
    return {"users": list(group.users)}


def find_group(call: MethodCall) -> Group:
    """Return the group that the call names. Raises MethodRefusal `no_such_subteam`."""
    group = call.workspace.groups.get(call.arguments.required("usergroup"))
    if group is None:
        raise MethodRefusal("no_such_subteam")
    return group


T = TypeVar("T")


def paged(call: MethodCall, items: Sequence[T], *, default: int | None = None) -> tuple[list[T], str]:
    """Return one page and the cursor of the next, empty at the end; `default` is the page without a limit.

    Raises MethodRefusal `invalid_limit` or `invalid_cursor`.
    """
    limit = call.arguments.number("limit", 0) or default or len(items) or 1
    if not 1 <= limit <= max(LONGEST_PAGE, len(items) if default is None else 0):
        raise MethodRefusal("invalid_limit")
    cursor = call.arguments.text("cursor")
    if cursor and not cursor.removeprefix("at:").isdecimal():
        raise MethodRefusal("invalid_cursor")
    start = int(cursor.removeprefix("at:") or 0)
    end = start + limit
    return list(items[start:end]), f"at:{end}" if end < len(items) else ""
