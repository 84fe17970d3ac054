"""Requests of the operator API, each turned into an action of a person."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.demo.workspace import clicks, external_select, forms, shortcuts, user_actions
from bot.demo.workspace.refusal import Json
from bot.demo.workspace.state import WorkspaceState

RequestHandler = Callable[[WorkspaceState, Json], Awaitable[Json]]
"""A function from a request's JSON to the answer's. Raises MethodRefusal, and LookupError, TypeError or
ValueError for a missing or wrong argument."""


async def _slash(workspace: WorkspaceState, body: Json) -> Json:
    outcome = await user_actions.slash(
        workspace, user=body["user"], channel=body["channel"], line=body["text"]
    )
    return outcome.json()


async def _say(workspace: WorkspaceState, body: Json) -> Json:
    message = user_actions.say(
        workspace,
        user=body["user"],
        channel=body["channel"],
        text=body["text"],
        thread_ts=body.get("thread_ts"),
        subtype=str(body.get("subtype", "")),
    )
    return {"message": message.json()}


async def _edit(workspace: WorkspaceState, body: Json) -> Json:
    message = user_actions.edit(
        workspace, user=body["user"], channel=body["channel"], ts=body["ts"], text=body["text"]
    )
    return {"message": message.json()}


async def _click(workspace: WorkspaceState, body: Json) -> Json:
    names = ("action_id", "block_id", "label", "value")
    target: Json = {name: body[name] for name in names if name in body}
    if body.get("view_id"):
        outcome = await clicks.click_in_view(
            workspace, user=body["user"], view_id=body["view_id"], target=target
        )
    else:
        outcome = await clicks.click(
            workspace, user=body["user"], channel=body["channel"], ts=body["ts"], target=target
        )
    return outcome.json()


async def _shortcut(workspace: WorkspaceState, body: Json) -> Json:
    if "ts" not in body:
        outcome = await shortcuts.run_global(workspace, user=body["user"], callback_id=body["callback_id"])
    else:
        outcome = await shortcuts.run_on_message(
            workspace,
            user=body["user"],
            callback_id=body["callback_id"],
            channel=body["channel"],
            ts=body["ts"],
        )
    return outcome.json()


async def _submit(workspace: WorkspaceState, body: Json) -> Json:
    values = dict(body.get("values") or {})
    outcome = await forms.submit(workspace, user=body["user"], view_id=body["view_id"], values=values)
    return outcome.json()


async def _close(workspace: WorkspaceState, body: Json) -> Json:
    outcome = await forms.close(
        workspace,
        user=body["user"],
        view_id=body["view_id"],
        everything=bool(body.get("everything")),
    )
    return outcome.json()


async def _search(workspace: WorkspaceState, body: Json) -> Json:
    options = await external_select.search(workspace, user=body["user"], target=body, text=body["text"])
    return {"options": options}


async def _upload(workspace: WorkspaceState, body: Json) -> Json:
    content = base64.b64decode(body["content"], validate=True)
    file = user_actions.attach_file(workspace, user=body["user"], name=str(body["name"]), content=content)
    return {"file": file.json(workspace.base_url)}


async def _home(workspace: WorkspaceState, body: Json) -> Json:
    user_actions.open_home(workspace, user=body["user"], tab=str(body.get("tab", "home")))
    return {}


ACTIONS: Mapping[str, RequestHandler] = MappingProxyType(
    {
        "slash": _slash,
        "say": _say,
        "edit": _edit,
        "click": _click,
        "shortcut": _shortcut,
        "submit": _submit,
        "close": _close,
        "search": _search,
        "upload": _upload,
        "home": _home,
    }
)
