"""Messages to Slack that nobody has asked for at that moment, and who is told where one is not taken."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.access.owners import members_of
from bot.domain.errors import SlackError
from bot.domain.fair_order import MessagePriority
from bot.domain.phrases import join_some
from bot.domain.reply import Mention, Reply
from bot.runtime.health_page import Health
from bot.runtime.logger import get_logger
from bot.settings.model import Settings

log = get_logger()


class Notices(Protocol):
    """Slack, as far as changes need it. All raise SlackError."""

    async def post(
        self, channel: str, reply: Reply, thread: str = "", priority: MessagePriority = ..., *, key: str
    ) -> tuple[str, str]:
        """Post in a channel, or to a person by id; returns the channel and the message's ts. What was posted
        under the key is not posted again."""
        ...

    async def edit(self, channel: str, ts: str, reply: Reply, *, urgent: bool = False) -> None:
        """Edit in place."""
        ...


@dataclass(frozen=True, slots=True)
class Escalation:
    """Sends to the first that takes it: the people or channels given, the people of the roles that approve
    changes, the channel for approvals. What nobody was told of is logged, and named by `/readyz`."""

    notices: Notices
    settings: Settings
    untold: dict[str, str] = field(default_factory=dict)
    """The titles of what nobody was told of, by key, as far as this process knows."""

    async def tell(
        self,
        key: str,
        reply: Reply,
        first: Iterable[str],
        priority: MessagePriority | None = None,
        *,
        is_last: bool = False,
    ) -> bool:
        """Return whether somebody was told. Raises SlackError while Slack is away, unless this `is_last`."""
        approvers, channel = self._approvers(), self.settings.approvals.channel or ""
        people = [each for each in approvers if not each.startswith("S")]
        # A user group cannot be written to; it is mentioned where all others have refused.
        called = replace(reply, parts=(*reply.parts, *([Mention(tuple(approvers))] if approvers else [])))
        messages = dict.fromkeys([channel], called) | dict.fromkeys([*first, *people], reply)
        for place in filter(None, dict.fromkeys([*first, *people, channel])):
            try:
                await self.notices.post(
                    place, messages[place], priority=priority or MessagePriority(), key=f"{key}:{place}"
                )
            except SlackError as error:
                if error.is_away and not is_last:
                    raise
                log.warning("somebody else is told", key=key, refused_at=place, error=str(error))
            else:
                self.untold.pop(key, None)
                return True
        self.give_up(key, reply.title)
        return False

    async def check(self) -> Health:
        """Return what nobody was told of, for `/readyz`."""
        why = f"Slack took no message about: {join_some(self.untold.values())}." if self.untold else ""
        return Health(why, is_warning=True, figures={"untold": len(self.untold)})

    def give_up(self, key: str, what: str) -> None:
        """Note that nobody could be told."""
        self.untold[key] = what
        log.error("nobody told in Slack", key=key, what=what)

    def _approvers(self) -> list[str]:
        """Return the people and user groups of the roles that approve changes."""
        roles = (role for _, terms in self.settings.approval_terms for role in terms.roles)
        return list(dict.fromkeys(each for role in roles for each in members_of(role, self.settings)))
