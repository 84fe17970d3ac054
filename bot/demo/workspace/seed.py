"""The seed data of the Slack simulator: one small company, and what a larger one has besides."""

from dataclasses import replace

from bot.demo.workspace.app_manifest import AppManifest
from bot.demo.workspace.conversation import Channel, StoredMessage
from bot.demo.workspace.members import (
    BOT_USER,
    ENTERPRISE,
    OTHER_TEAM,
    SECOND_TEAM,
    TEAM,
    Group,
    SlackAccount,
)
from bot.demo.workspace.state import WorkspaceState
from bot.runtime.clock import Clock

PEOPLE = (
    SlackAccount(id="U0ALICE", name="alice", real_name="Alice Brandt", title="Backend engineer"),
    SlackAccount(id="U0BOB", name="bob", real_name="Bob Okafor", title="Database administrator"),
    SlackAccount(id="U0CAROL", name="carol", real_name="Carol Jensen", title="Database administrator"),
    SlackAccount(
        id="U0VERA", name="vera", real_name="Vera Lindqvist", title="Auditor", tz="Europe/Stockholm"
    ),
    SlackAccount(id="U0GUEST", name="gus", real_name="Gus Martin", title="Contractor", guest=True),
    SlackAccount(id="U0GONE", name="gina", real_name="Gina Holt", title="Left in June", deleted=True),
    SlackAccount(
        id="U0STRANGER",
        name="stefan",
        real_name="Stefan Weiss",
        title="Works for a supplier",
        team=OTHER_TEAM,
    ),
    SlackAccount(id=BOT_USER, name="pgops", real_name="PG Ops", title="The bot", bot=True, tz="UTC"),
)

_STAFF = {"U0ALICE", "U0BOB", "U0CAROL", "U0VERA"}


def seed_workspace(
    clock: Clock,
    manifest: AppManifest | None = None,
    *,
    ack_seconds: float = 3.0,
    enforce_rates: bool = False,
) -> WorkspaceState:
    """Return a workspace with deterministic ids."""
    workspace = WorkspaceState(clock, manifest, ack_seconds=ack_seconds, enforce_rates=enforce_rates)
    workspace.add_people(PEOPLE)
    workspace.groups = {
        group.id: group
        for group in (
            Group(id="S0DBA", handle="dba", name="Database administrators", users=("U0BOB", "U0CAROL")),
            Group(id="S0DEVS", handle="devs", name="Developers", users=("U0ALICE", "U0GUEST")),
            Group(id="S0OLD", handle="old-dba", name="Former on-call", users=("U0GONE",), disabled=True),
        )
    }
    for channel in _channels():
        workspace.add_channel(channel)
    for user in (*sorted(_STAFF), "U0GUEST"):
        workspace.direct_channel(user)
    _add_messages(workspace)
    return workspace


def _channels() -> tuple[Channel, ...]:
    return (
        Channel(
            id="C0OPS", name="ops", topic="Databases, day by day", members={*_STAFF, "U0GUEST", BOT_USER}
        ),
        Channel(id="C0GENERAL", name="general", topic="Everyone", members={*_STAFF, "U0GUEST"}),
        Channel(
            id="C0DBA", name="dba", kind="private", topic="Approvals", members={"U0BOB", "U0CAROL", BOT_USER}
        ),
        Channel(
            id="C0SHARED",
            name="supplier",
            topic="Shared with another company",
            external=True,
            members={*_STAFF, "U0STRANGER", BOT_USER},
        ),
        Channel(id="C0SECRET", name="board", kind="private", topic="The bot is not here", members={"U0VERA"}),
        Channel(id="C0OLD", name="migration-2024", archived=True, members={*_STAFF, BOT_USER}),
    )


def _add_messages(workspace: WorkspaceState) -> None:
    lines = (
        (31, "C0OPS", "U0BOB", "Morning. orders-prod was slow again last night, I am looking at it."),
        (27, "C0OPS", "U0ALICE", "Thanks. Is there a quick way to see all clusters from here?"),
        (26, "C0OPS", "U0BOB", "Type `/pg cluster list`."),
        (12, "C0GENERAL", "U0CAROL", "Cake in the kitchen."),
    )
    now = int(workspace.clock.now().timestamp())
    for minutes, channel, user, text in lines:
        ts = f"{now - 60 * minutes}.000000"
        workspace.add_message(StoredMessage(ts=ts, channel=channel, user=user, text=text))


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
    """Open alice's direct message with somebody of another company (Slack Connect). The bot is not in it."""
    members = {"U0ALICE", "U0STRANGER"}
    workspace.add_channel(
        Channel(id="D0CONNECT", name="directmessage", kind="im", external=True, members=members)
    )
