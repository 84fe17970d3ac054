"""The open modals and Home pages of each person."""

import hashlib
import json
from dataclasses import dataclass, field

from bot.demo.workspace.element_values import kept_values
from bot.demo.workspace.members import APP, BOT, TEAM
from bot.demo.workspace.refusal import Json, MethodRefusal

STACK_LIMIT = 3
"""Views on one stack: the root and two pushed (Slack documentation, "Modals")."""

_OWN = ("type", "title", "submit", "close", "blocks")
_NEVER_NULL = ("private_metadata", "callback_id", "external_id")


@dataclass(slots=True, kw_only=True)
class OpenView:
    """One view as the app sent it (`content`) with the person's entries (`values`)."""

    id: str
    user: str
    content: Json
    revision: int = 1
    previous: str | None = None
    root: str = ""
    values: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """A hash of the content, the optimistic lock of `views.update`."""
        text = f"{self.id}:{self.revision}:{json.dumps(self.content, sort_keys=True)}"
        return f"{self.revision}.{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    @property
    def blocks(self) -> list[Json]:
        blocks: list[Json] = self.content["blocks"]
        return blocks

    def json(self) -> Json:
        return {
            **{name: self.content.get(name) for name in _OWN},
            **{name: self.content.get(name) or "" for name in _NEVER_NULL},
            "id": self.id,
            "team_id": TEAM,
            "app_id": APP,
            "bot_id": BOT,
            "hash": self.hash,
            "state": {"values": self.values},
            "clear_on_close": bool(self.content.get("clear_on_close")),
            "notify_on_close": bool(self.content.get("notify_on_close")),
            "previous_view_id": self.previous,
            "root_view_id": self.root or self.id,
            "app_installed_team_id": TEAM,
        }


class ViewBook:
    """Every open modal, as a stack per person, and every published Home page."""

    def __init__(self) -> None:
        self._stacks: dict[str, list[OpenView]] = {}
        self._homes: dict[str, OpenView] = {}
        self._made = 0

    def stack(self, user: str) -> list[OpenView]:
        """Return this person's open modals, root first."""
        return self._stacks.setdefault(user, [])

    def home(self, user: str) -> OpenView | None:
        return self._homes.get(user)

    def open(self, user: str, content: Json) -> OpenView:
        """Open a new root in place of every open view."""
        self._check_external_id(content)
        view = self._make(user, content)
        self._stacks[user] = [view]
        return view

    def push(self, user: str, content: Json) -> OpenView:
        """Push a view. Raises MethodRefusal `push_limit_reached`, or `not_found` without an open view."""
        stack = self.stack(user)
        if not stack:
            raise MethodRefusal("not_found")
        if len(stack) >= STACK_LIMIT:
            raise MethodRefusal("push_limit_reached")
        self._check_external_id(content)
        view = self._make(user, content)
        view.previous, view.root = stack[-1].id, stack[0].id
        stack.append(view)
        return view

    def publish(self, user: str, content: Json, expected_hash: str | None) -> OpenView:
        """Replace the Home page. Raises MethodRefusal `hash_conflict`."""
        view = self._homes.get(user)
        if view is None:
            view = self._homes[user] = self._make(user, content)
        else:
            self.change(view, content, expected_hash)
        return view

    def change(self, view: OpenView, content: Json, expected_hash: str | None = None) -> None:
        """Put new content into a view; inputs whose block_id and action_id stay keep their values.

        Raises MethodRefusal `hash_conflict` or `duplicate_external_id`.
        """
        if expected_hash and expected_hash != view.hash:
            raise MethodRefusal("hash_conflict")
        if content.get("external_id") != view.content.get("external_id"):
            self._check_external_id(content)
        view.content = content
        view.revision += 1
        view.errors = {}
        view.values = kept_values(view.values, content["blocks"])

    def find(self, view_id: str | None, external_id: str | None = None) -> OpenView:
        """Return an open or published view by id or external id. Raises MethodRefusal `not_found`."""
        for view in self._all():
            if view.id == view_id or (external_id and view.content.get("external_id") == external_id):
                return view
        raise MethodRefusal("not_found")

    def close(self, view: OpenView, *, everything: bool = False) -> None:
        self._stacks[view.user] = [] if everything else [x for x in self.stack(view.user) if x != view]

    def _all(self) -> list[OpenView]:
        return [view for stack in self._stacks.values() for view in stack] + list(self._homes.values())

    def _check_external_id(self, content: Json) -> None:
        external_id = content.get("external_id")
        if external_id and any(view.content.get("external_id") == external_id for view in self._all()):
            raise MethodRefusal("duplicate_external_id")

    def _make(self, user: str, content: Json) -> OpenView:
        self._made += 1
        view = OpenView(id=f"V0{self._made:06X}", user=user, content=content)
        view.root = view.id
        return view
