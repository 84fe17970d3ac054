"""What every interactive payload says: who acted, in which team, and with which trigger."""

from bot.demo.workspace.members import APP, SlackAccount
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState

TRIGGERLESS = {"view_closed", "block_suggestion"}
"""Payloads that bring no trigger id: closing or typing is no act that a modal may answer."""


def heading(
    workspace: WorkspaceState, person: SlackAccount, kind: str, *, view_id: str | None = None
) -> Json:
    """The part that all kinds share, with a fresh trigger id where the kind has one.

    Raises Refusal `interactivity_disabled` when the manifest switches such payloads off.
    """
    if not workspace.manifest.interactive:
        raise MethodRefusal("interactivity_disabled")
    shared: Json = {
        "type": kind,
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team},
        "api_app_id": APP,
        "token": "demo",
        "team": workspace.team(),
        "enterprise": None,
        "is_enterprise_install": False,
    }
    if kind not in TRIGGERLESS:
        stale = workspace.faults.take(kind, "expired_trigger") is not None
        shared["trigger_id"] = workspace.triggers.issue(person.id, view=view_id, expired=stale)
    return shared
