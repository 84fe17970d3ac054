"""Enterprise Grid and Slack Connect: what a company can have besides one workspace of its own."""

from dataclasses import replace

from bot.demo.workspace.conversation import Channel
from bot.demo.workspace.members import ENTERPRISE, SECOND_TEAM, TEAM, SlackAccount
from bot.demo.workspace.state import WorkspaceState

GWEN = SlackAccount(
    id="U0GWEN",
    name="gwen",
    real_name="Gwen Adeyemi",
    title="Works in the second workspace",
    team=SECOND_TEAM,
    workspaces=(SECOND_TEAM,),
)
HALIM = SlackAccount(
    id="U0HALIM",
    name="halim",
    real_name="Halim Sato",
    title="Works in both workspaces",
    team=SECOND_TEAM,
    workspaces=(SECOND_TEAM, TEAM),
)
CONNECT_MESSAGE = "D0CONNECT"
"""The direct message of alice with somebody of another company. The bot is not in it."""


def join_enterprise(workspace: WorkspaceState, *, org_wide: bool = False) -> None:
    """Make the workspace one of an enterprise's two, with the app in this one or installed `org_wide`."""
    workspace.enterprise, workspace.is_org_wide = ENTERPRISE, org_wide
    own = [each for each in workspace.people.values() if not each.stranger]
    workspace.add_people([replace(each, workspaces=each.workspaces or (TEAM,)) for each in own])
    workspace.add_people((GWEN, HALIM))
    workspace.channels["C0OPS"].members |= {GWEN.id, HALIM.id}
    for each in (GWEN, HALIM):
        workspace.direct_channel(each.id)


def open_connect_message(workspace: WorkspaceState) -> None:
    """Open the direct message with somebody of another company (Slack Connect)."""
    members = {"U0ALICE", "U0STRANGER"}
    workspace.add_channel(
        Channel(id=CONNECT_MESSAGE, name="directmessage", kind="im", external=True, members=members)
    )
