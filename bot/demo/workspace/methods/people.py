"""users.* and usergroups.*: who somebody is, and who is in which group."""

from collections.abc import Sequence
from typing import TypeVar

from bot.demo.workspace.members import Group
from bot.demo.workspace.methods.registry import MethodCall, method
from bot.demo.workspace.refusal import Json, MethodRefusal

LONGEST_PAGE = 1_000
"""Things in a page at most (Slack documentation, "Pagination")."""


@method("users.info", "users:read")
async def user_info(call: MethodCall) -> Json:
    """One account, deactivated and foreign ones too."""
    person = call.workspace.people.get(call.arguments.required("user", "user_not_found"))
    if person is None:
        raise MethodRefusal("user_not_found")
    return {"user": person.json()}


@method("users.list", "users:read", tier=2)
async def user_list(call: MethodCall) -> Json:
    """Everyone of the team, page by page when a limit is given."""
    people = [person.json() for person in call.workspace.people.values() if not person.stranger]
    page, cursor = paged(call, people)
    return {"members": page, "cache_ts": 0, "response_metadata": {"next_cursor": cursor}}


@method("usergroups.list", "usergroups:read", tier=2)
async def group_list(call: MethodCall) -> Json:
    """The user groups; disabled ones and members on request."""
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
    """The ids of a group's members; there is no paging."""
    group = find_group(call)
    if group.disabled and not call.arguments.flag("include_disabled"):
        raise MethodRefusal("no_such_subteam")
    return {"users": list(group.users)}


def find_group(call: MethodCall) -> Group:
    """The group that the call names. Raises Refusal `no_such_subteam`."""
    group = call.workspace.groups.get(call.arguments.required("usergroup"))
    if group is None:
        raise MethodRefusal("no_such_subteam")
    return group


T = TypeVar("T")


def paged(call: MethodCall, items: Sequence[T], *, usual: int | None = None) -> tuple[list[T], str]:
    """One page and the cursor of the next, empty at the end; `usual` is the page when no limit is given.

    Raises Refusal `invalid_limit` or `invalid_cursor`.
    """
    limit = call.arguments.number("limit", 0) or usual or len(items) or 1
    if not 1 <= limit <= max(LONGEST_PAGE, len(items) if usual is None else 0):
        raise MethodRefusal("invalid_limit")
    cursor = call.arguments.text("cursor")
    if cursor and not cursor.removeprefix("at:").isdecimal():
        raise MethodRefusal("invalid_cursor")
    start = int(cursor.removeprefix("at:") or 0)
    end = start + limit
    return list(items[start:end]), f"at:{end}" if end < len(items) else ""
