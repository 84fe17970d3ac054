"""The people, the bot, and the user groups of the workspace."""

from dataclasses import dataclass

from bot.demo.workspace.refusal import Json

TEAM = "T0DEMO"
OTHER_TEAM = "T0OTHER"
SECOND_TEAM = "T0SECOND"
ENTERPRISE = "E0DEMO"
APP = "A0PGBOT"
BOT_USER = "U0PGBOT"
BOT = "B0PGBOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackAccount:
    """An account as Slack knows it. `name` is the handle without `@`; `title` is for people to read.

    `workspaces` are those of the enterprise that the person is in; none outside Enterprise Grid.
    """

    id: str
    name: str
    real_name: str
    title: str = ""
    team: str = TEAM
    tz: str = "Europe/Berlin"
    guest: bool = False
    deleted: bool = False
    bot: bool = False
    workspaces: tuple[str, ...] = ()

    @property
    def stranger(self) -> bool:
        """True for a person of another company, here through a shared channel."""
        return self.team != TEAM and not self.workspaces

    def json(self) -> Json:
        """Return the user object of `users.info`."""
        grid: Json = {
            "id": self.id,
            "enterprise_id": ENTERPRISE,
            "enterprise_name": "Demo Group",
            "is_admin": False,
            "is_owner": False,
            "teams": list(self.workspaces),
        }
        return ({"enterprise_user": grid} if self.workspaces else {}) | {
            "id": self.id,
            "team_id": self.team,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "tz": self.tz,
            "is_admin": False,
            "is_owner": False,
            "is_bot": self.bot,
            "is_app_user": self.bot,
            "is_restricted": self.guest,
            "is_ultra_restricted": False,
            "is_stranger": self.stranger,
            "profile": {
                "real_name": self.real_name,
                "display_name": self.name,
                "title": self.title,
                "team": self.team,
            },
            "updated": 0,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A user group. A `disabled` group keeps its members and gives them nothing."""

    id: str
    handle: str
    name: str
    users: tuple[str, ...]
    disabled: bool = False

    def json(self) -> Json:
        """Return the user group object of `usergroups.list`, without its members."""
        return {
            "id": self.id,
            "team_id": TEAM,
            "is_usergroup": True,
            "is_external": False,
            "handle": self.handle,
            "name": self.name,
            "description": "",
            "date_delete": 1 if self.disabled else 0,
            "user_count": len(self.users),
        }
