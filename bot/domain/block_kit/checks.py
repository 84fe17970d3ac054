"""Small checks that compose into the shapes of Block Kit; each yields what is wrong, in Slack's own words."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the payload down to a value."""


@dataclass(frozen=True, slots=True)
class BlockProblem:
    """One reason for Slack to refuse a message or view.

    `key` names a key of the object at `place` that is missing or not allowed. `code` is the error word that
    the Web API answers with.
    """

    place: Place
    words: str
    key: str = ""
    code: str = "invalid_blocks"

    @property
    def path(self) -> str:
        """The place in Python's notation, such as `blocks[0].text.text`."""
        steps = [*self.place, *([self.key] if self.key else [])]
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")

    @property
    def message(self) -> str:
        """The line that Slack puts into `response_metadata.messages`, with a JSON pointer."""
        pointer = "".join(f"/{step}" for step in self.place)
        return f"[ERROR] {self.words} [json-pointer:{pointer}]"

    def __str__(self) -> str:
        return f"{self.path}: {self.words} ({self.code})"


Problems: TypeAlias = Iterator[BlockProblem]
Check: TypeAlias = Callable[[Any, Place], Problems]
Shapes: TypeAlias = Mapping[str, Check]


def string(most: int, least: int = 1, *, may_be_blank: bool = False) -> Check:
    """Accept text of `least` to `most` characters, one of them visible unless the text may be empty."""

    def check(value: Any, place: Place) -> Problems:
        if not isinstance(value, str):
            yield BlockProblem(place, "must provide a string")
        elif len(value) > most:
            yield BlockProblem(place, f"must be less than {most + 1} characters")
        elif len(value if may_be_blank else value.strip()) < least:
            yield BlockProblem(place, f"must be more than {least - 1} characters")

    return check


def accept(is_right: Callable[[Any], bool], words: str) -> Check:
    """Accept what a predicate is true of; `words` say what is wrong with anything else."""

    def check(value: Any, place: Place) -> Problems:
        if not is_right(value):
            yield BlockProblem(place, words)

    return check


boolean = accept(lambda value: isinstance(value, bool), "must provide a boolean")

anything = accept(lambda value: value is not None, "must not be null")
"""Every value but null: Slack checks it, and this table does not."""


def written_as(pattern: re.Pattern[str], words: str) -> Check:
    """Accept text that the pattern describes whole."""
    return accept(lambda value: isinstance(value, str) and bool(pattern.fullmatch(value)), words)


def one_of(*allowed: str) -> Check:
    return accept(lambda value: value in allowed, f"must be one of: {', '.join(allowed)}")


def number(least: float | None = None, most: float | None = None, *, whole: bool = True) -> Check:
    """Accept a number within the bounds, both included."""

    def check(value: Any, place: Place) -> Problems:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            yield BlockProblem(place, "must provide a number")
        elif (least is not None and value < least) or (most is not None and value > most):
            yield BlockProblem(place, f"must be between {least} and {most}")

    return check


def array(each: Check, most: int, least: int = 1) -> Check:
    """Accept a list of `least` to `most` items that all pass `each`."""

    def check(value: Any, place: Place) -> Problems:
        if not isinstance(value, list | tuple):
            yield BlockProblem(place, "must provide an array")
            return
        if len(value) > most:
            yield BlockProblem(place, f"no more than {most} items allowed")
        elif len(value) < least:
            yield BlockProblem(place, f"no fewer than {least} items allowed")
        for index, item in enumerate(value):
            yield from each(item, (*place, index))

    return check


def shape(required: Shapes, optional: Shapes | None = None) -> Check:
    """Accept an object with these keys and no others; its `type` is read by `typed`."""
    known = {**required, **(optional or {})}

    def check(value: Any, place: Place) -> Problems:
        if not isinstance(value, Mapping):
            yield BlockProblem(place, "must provide an object")
            return
        for key in required:
            if key not in value:
                yield BlockProblem(place, f"missing required field: {key}", key)
        for key, inner in value.items():
            if key in known:
                yield from known[key](inner, (*place, key))
            elif key != "type":
                yield BlockProblem(place, f"invalid additional property: {key}", key)

    return check


def typed(shapes: Shapes, *allowed: str) -> Check:
    """Accept an object whose `type` names one of the `shapes`, or only those that are `allowed`.

    The shape is looked up for each value, so that a table of shapes may refer to itself.
    """

    def check(value: Any, place: Place) -> Problems:
        kind = value.get("type") if isinstance(value, Mapping) else None
        if not isinstance(kind, str) or kind not in shapes or (allowed and kind not in allowed):
            yield BlockProblem(place, f"unsupported type: {kind}")
        else:
            yield from shapes[kind](value, place)

    return check


def when_valid(shape_check: Check, *rules: Check) -> Check:
    """Apply rules about several keys to values of the right shape, so that the rules need not doubt it."""

    def check(value: Any, place: Place) -> Problems:
        problems = list(shape_check(value, place))
        yield from problems
        if not problems:
            for one in rules:
                yield from one(value, place)

    return check
