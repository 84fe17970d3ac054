"""Small checks that compose: what a value of a payload may be, and the words for when it is not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.demo.workspace.refusal import Json


@dataclass(slots=True)
class Findings:
    """What is wrong so far, in Slack's words and with JSON pointers; `totals` sums over the payload."""

    messages: list[str] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)

    def add(self, pointer: str, words: str) -> None:
        """Note one defect."""
        self.messages.append(f"[ERROR] {words} [json-pointer:{pointer}]")

    def count(self, name: str, amount: int) -> int:
        """Add to a sum over the whole payload and give it back."""
        self.totals[name] = self.totals.get(name, 0) + amount
        return self.totals[name]


Check = Callable[[Findings, str, Any], None]


def string(most: int, least: int = 1) -> Check:
    """Text of `least` to `most` characters."""

    def check(found: Findings, pointer: str, value: Any) -> None:
        if not isinstance(value, str):
            found.add(pointer, "must provide a string")
        elif len(value) > most:
            found.add(pointer, f"must be less than {most + 1} characters")
        elif len(value) < least:
            found.add(pointer, f"must be more than {least - 1} characters")

    return check


def boolean(found: Findings, pointer: str, value: Any) -> None:
    """True or false."""
    if not isinstance(value, bool):
        found.add(pointer, "must provide a boolean")


def number(least: float | None = None, most: float | None = None, *, whole: bool = True) -> Check:
    """A number within bounds."""

    def check(found: Findings, pointer: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            found.add(pointer, "must provide a number")
        elif (least is not None and value < least) or (most is not None and value > most):
            found.add(pointer, f"must be between {least} and {most}")

    return check


def one_of(*allowed: str) -> Check:
    """One of a few words."""

    def check(found: Findings, pointer: str, value: Any) -> None:
        if value not in allowed:
            found.add(pointer, f"must be one of: {', '.join(allowed)}")

    return check


def anything(found: Findings, pointer: str, value: Any) -> None:
    """Present and that is enough."""
    if value is None:
        found.add(pointer, "must not be null")


def items(each: Check, most: int, least: int = 1) -> Check:
    """A list of `least` to `most` things of one kind."""

    def check(found: Findings, pointer: str, value: Any) -> None:
        if not isinstance(value, list):
            found.add(pointer, "must provide an array")
            return
        if len(value) > most:
            found.add(pointer, f"no more than {most} items allowed")
        elif len(value) < least:
            found.add(pointer, f"no fewer than {least} items allowed")
        for index, item in enumerate(value):
            each(found, f"{pointer}/{index}", item)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """A mapping with these properties and no other."""
    known = {**required, **(optional or {})}

    def check(found: Findings, pointer: str, value: Any) -> None:
        if not isinstance(value, dict):
            found.add(pointer, "must provide an object")
            return
        for name in required:
            if name not in value:
                found.add(pointer, f"missing required field: {name}")
        for name, inner in value.items():
            if name in known:
                known[name](found, f"{pointer}/{name}", inner)
            elif name != "type":
                found.add(pointer, f"invalid additional property: {name}")

    return check


def kinds(table: Mapping[str, Check], allowed: Sequence[str] | None = None) -> Check:
    """A mapping whose `type` chooses its check, looked up on use, so that a table may refer to itself."""

    def check(found: Findings, pointer: str, value: Any) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in table or (allowed is not None and kind not in allowed):
            found.add(pointer, f"unsupported type: {kind}")
        else:
            table[kind](found, pointer, value)

    return check


def all_of(*checks: Check) -> Check:
    """Several checks of the same value."""

    def check(found: Findings, pointer: str, value: Any) -> None:
        for each in checks:
            each(found, pointer, value)

    return check


def rule(judge: Callable[[Json], str | None]) -> Check:
    """A rule over a whole mapping: the words of what is wrong, or None."""

    def check(found: Findings, pointer: str, value: Any) -> None:
        words = judge(value) if isinstance(value, dict) else None
        if words:
            found.add(pointer, words)

    return check
