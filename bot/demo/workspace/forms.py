"""What a person does with a modal: fill in, submit, close, and search in a typed-ahead menu."""

from typing import Any

from bot.demo.workspace.acts import Outcome, actor
from bot.demo.workspace.choosing import chosen, find_element, initial
from bot.demo.workspace.clicks import own_view, who
from bot.demo.workspace.courier import Courier, Delivery
from bot.demo.workspace.people import APP
from bot.demo.workspace.refusal import Json, Refusal
from bot.demo.workspace.state import Workspace, elements_of
from bot.demo.workspace.validator import check_view
from bot.demo.workspace.views import View

OPTIONS = 100
"""Options that a typed-ahead menu takes at most (Slack documentation, "Select menu element")."""


async def submit(workspace: Workspace, *, user: str, view_id: str, values: dict[str, Any]) -> Outcome:
    """Fill in a modal and submit it. `values` maps action_id (or block_id) to what was typed or chosen.

    Inputs left empty end with `missing_input` before the bot hears of it. Raises Refusal `not_found`.
    """
    actor(workspace, user)
    view = own_view(workspace, user, view_id)
    if not workspace.views.stack(user) or workspace.views.stack(user)[-1] is not view:
        raise Refusal("not_found")
    fill(view, values)
    missing = _missing(view)
    if missing:
        view.errors = dict.fromkeys(missing, "Please complete this required field.")
        workspace.stream.announce("views", user=user)
        return Outcome(ok=False, error="missing_input", ack={"errors": view.errors})
    payload = _payload(workspace, view, "view_submission") | {"response_urls": []}
    answer = await Courier(workspace).deliver(
        Delivery(kind="interactive", name="view_submission", payload=payload)
    )
    if not answer.ok:
        return Outcome(ok=False, error=str(answer.fate), ack={})
    return _obey(workspace, view, answer.body)


async def close(workspace: Workspace, *, user: str, view_id: str, everything: bool = False) -> Outcome:
    """Close a modal with its button, or all of them with the cross."""
    actor(workspace, user)
    view = own_view(workspace, user, view_id)
    workspace.views.close(view, everything=everything or bool(view.content.get("clear_on_close")))
    workspace.stream.announce("views", user=user)
    if not view.content.get("notify_on_close"):
        return Outcome(ok=True, error=None, ack={})
    payload = _payload(workspace, view, "view_closed") | {"is_cleared": everything}
    answer = await Courier(workspace).deliver(
        Delivery(kind="interactive", name="view_closed", payload=payload)
    )
    return Outcome(ok=answer.ok, error=None if answer.ok else str(answer.fate), ack=answer.body)


async def search(workspace: Workspace, *, user: str, place: Json, text: str) -> list[Json]:
    """Type into an external select: the options that the bot offers, groups flattened.

    `place` holds `view_id`, or `channel` and `ts`, and `action_id`. Raises Refusal `operation_timeout`,
    `dispatch_failed` or `invalid_options`.
    """
    person = actor(workspace, user)
    where, blocks = _searched(workspace, user, place)
    block, element = find_element(blocks, place)
    if len(text) < element.get("min_query_length", 3):
        return []
    payload = {
        "type": "block_suggestion",
        "user": who(person),
        "team": workspace.team(),
        "api_app_id": APP,
        "token": "demo",
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": text,
        **where,
    }
    answer = await Courier(workspace).deliver(
        Delivery(kind="interactive", name="block_suggestion", payload=payload)
    )
    if not answer.ok:
        raise Refusal(str(answer.fate))
    groups = answer.body.get("option_groups") or [{"options": answer.body.get("options") or []}]
    options = [option for group in groups for option in group.get("options", [])]
    if any(len(group.get("options", [])) > OPTIONS for group in groups) or len(groups) > OPTIONS:
        raise Refusal("invalid_options")
    return options


def fill(view: View, values: dict[str, Any]) -> None:
    """Put values into a view's inputs; those without one keep what they held or started with."""
    for block in view.content["blocks"]:
        for element in elements_of(block):
            state = initial(element)
            if state is None:
                continue
            held = view.values.setdefault(block["block_id"], {})
            held.setdefault(element["action_id"], state)
            for name in (block["block_id"], element["action_id"]):
                if name in values:
                    held[element["action_id"]] = chosen(element, values[name])


def _missing(view: View) -> list[str]:
    missing = []
    for block in view.content["blocks"]:
        if block["type"] == "input" and not block.get("optional"):
            held = view.values[block["block_id"]][block["element"]["action_id"]]
            if not any(value for name, value in held.items() if name != "type"):
                missing.append(block["block_id"])
    return missing


def _searched(workspace: Workspace, user: str, place: Json) -> tuple[Json, list[Json]]:
    if place.get("view_id"):
        view = own_view(workspace, user, place["view_id"])
        return {"container": {"type": "view", "view_id": view.id}, "view": view.json()}, view.content[
            "blocks"
        ]
    channel = workspace.channels.get(str(place.get("channel")))
    message = channel.messages.get(str(place.get("ts"))) if channel and user in channel.members else None
    if channel is None or message is None or message.only_for not in {None, user}:
        raise Refusal("message_not_found")
    container = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    return {"container": container, "channel": {"id": channel.id, "name": channel.name}}, message.blocks


def _payload(workspace: Workspace, view: View, kind: str) -> Json:
    person = workspace.people[view.user]
    stale = workspace.faults.take(kind, "expired_trigger") is not None
    return {
        "type": kind,
        "team": workspace.team(),
        "user": who(person),
        "api_app_id": APP,
        "token": "demo",
        "trigger_id": workspace.triggers.issue(view.user, view=view.id, expired=stale),
        "view": view.json(),
        "is_enterprise_install": False,
        "enterprise": None,
    }


def _obey(workspace: Workspace, view: View, answer: Json) -> Outcome:
    """Do what the answer to a submission says: close, clear, show errors, or another view."""
    action = answer.get("response_action")
    views = workspace.views
    try:
        if action == "errors":
            view.errors = _errors(view, answer)
        elif action in {"update", "push"}:
            content = answer.get("view") or {}
            check_view(content)
            if action == "update":
                views.change(view, content)
            else:
                views.push(view.user, content)
            workspace.name_blocks(content["blocks"])
        else:
            views.close(view, everything=action == "clear")
    except Refusal as refusal:
        return Outcome(ok=False, error=refusal.code, ack=answer)
    finally:
        workspace.stream.announce("views", user=view.user)
    return Outcome(ok=action != "errors", error="errors" if action == "errors" else None, ack=answer)


def _errors(view: View, answer: Json) -> dict[str, str]:
    """The errors by block. Raises Refusal for none, or for a block that is no input."""
    inputs = {block["block_id"] for block in view.content["blocks"] if block["type"] == "input"}
    errors = answer.get("errors")
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise Refusal("invalid_errors")
    return {str(block_id): str(words) for block_id, words in errors.items()}
