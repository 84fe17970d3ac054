"""What the operator's handle takes as JSON, and the act of a person that each becomes."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.demo.workspace import clicks, external_select, file_input, forms, shortcuts, user_actions
from bot.demo.workspace.refusal import Json
from bot.demo.workspace.state import WorkspaceState

Deed = Callable[[WorkspaceState, Json], Awaitable[Json]]
"""Takes a request's JSON, gives the answer's. Raises Refusal, and LookupError, TypeError or ValueError for
what is missing or of another type."""


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
    )
    return {"message": message.json()}


async def _click(workspace: WorkspaceState, body: Json) -> Json:
    names = ("action_id", "block_id", "label", "value")
    wanted: Json = {name: body[name] for name in names if name in body}
    if body.get("view_id"):
        outcome = await clicks.click_in_view(
            workspace, user=body["user"], view_id=body["view_id"], wanted=wanted
        )
    else:
        outcome = await clicks.click(
            workspace, user=body["user"], channel=body["channel"], ts=body["ts"], wanted=wanted
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
    options = await external_select.search(workspace, user=body["user"], place=body, text=body["text"])
    return {"options": options}


async def _upload(workspace: WorkspaceState, body: Json) -> Json:
    content = base64.b64decode(body["content"], validate=True)
    file = file_input.attach(workspace, user=body["user"], name=str(body["name"]), content=content)
    return {"file": file.json(workspace.base_url)}


async def _home(workspace: WorkspaceState, body: Json) -> Json:
    user_actions.open_home(workspace, user=body["user"])
    return {}


DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        "slash": _slash,
        "say": _say,
        "click": _click,
        "shortcut": _shortcut,
        "submit": _submit,
        "close": _close,
        "search": _search,
        "upload": _upload,
        "home": _home,
    }
)
