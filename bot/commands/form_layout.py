"""The form of a command: sections, questions with dependent fields, and what it says above them."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import PgbotError

NOTHING: tuple[object, ...] = (None, "", False, [], ())
"""Values of a field that was left out."""


@dataclass(frozen=True, slots=True)
class FormSection:
    """Fields under a heading; an empty one is not shown."""

    heading: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormOption:
    """One answer to a `FormChoice`: it shows `fields`, which it needs, and `extras`, which may stay empty.

    `sets` is a yes-or-no argument that the answer itself gives.
    """

    label: str
    fields: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    sections: tuple[FormSection, ...] = ()
    sets: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Return every argument that the answer gives or asks for."""
        inner = (name for section in self.sections for name in section.fields)
        return frozenset((*self.fields, *self.extras, *inner, *filter(None, (self.sets,))))


@dataclass(frozen=True, slots=True, kw_only=True)
class FormChoice:
    """A question of a form, not an argument: its answer decides which fields the form shows.

    `start` is the answer marked at first, None for none.
    """

    label: str
    options: tuple[FormOption, ...]
    start: int | None = 0
    hint: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Return every argument that some answer gives or asks for."""
        return frozenset(name for option in self.options for name in option.names)

    def find_answer(self, values: Mapping[str, Any]) -> int | None:
        """Return the first answer that has a place for all given values, else the one with most of them."""
        given = {name for name in self.names if values.get(name) not in NOTHING}
        if not given:
            return self.start
        places = [len(given & option.names) for option in self.options]
        return places.index(max(places))


FormLayout = tuple[FormSection | FormChoice, ...]


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field at its place in a form; `is_needed` None leaves it to the argument."""

    name: str
    is_needed: bool | None = None


@dataclass(frozen=True, slots=True)
class ShownChoice:
    """A question at its place in a form, with the number of its answer."""

    number: int
    choice: FormChoice
    answer: int | None


ShownItem = str | ShownField | ShownChoice
"""A heading, a field or a question."""


def arrange(
    layout: FormLayout, names: Collection[str], first: Collection[str], answers: Mapping[int, int | None]
) -> Iterator[ShownItem]:
    """Yield what a form shows, from above: the fields of `first`, the layout, the other `names`, the reason.

    `answers` are those to the questions, by number. What no answer or section has stands at the end.
    """
    placed = {
        name for item in layout for name in (item.fields if isinstance(item, FormSection) else item.names)
    }
    rest = [name for name in names if name not in placed]
    yield from map(ShownField, (name for name in rest if name in first))
    number = 0
    for item in layout:
        if isinstance(item, FormSection):
            yield from _arrange_section(item)
            continue
        answer = answers.get(number)
        yield ShownChoice(number, item, answer)
        if answer is not None:
            option = item.options[answer]
            yield from (ShownField(name, is_needed=True) for name in option.fields)
            yield from (ShownField(name, is_needed=False) for name in option.extras)
            for section in option.sections:
                yield from _arrange_section(section)
        number += 1
    last = sorted((name for name in rest if name not in first), key=lambda name: name == "reason")
    yield from map(ShownField, last)


def _arrange_section(section: FormSection) -> Iterator[ShownItem]:
    if section.heading:
        yield section.heading
    yield from map(ShownField, section.fields)


def list_choices_of(layout: FormLayout) -> list[FormChoice]:
    """Return the questions of a layout, in the order of their numbers."""
    return [item for item in layout if isinstance(item, FormChoice)]


@dataclass(frozen=True, slots=True)
class FormPrompt:
    """The text above the fields of a form, and the fields needed besides the required ones.

    `hides` are fields whose values are given already; `lacks` are those that do not apply, with the answers
    that ask for them. `submit` is the title of the form and the label of its button, where the command's own
    would say less. `refused`: why the command would not be carried out, in place of the form.
    """

    about: str = ""
    needed: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    submit: str = ""
    refused: PgbotError | None = None


AskForm = Callable[[Mapping[str, Any], Any], Awaitable[FormPrompt | None]]
"""Looks at what is given already; a field that an answer shows is there, too, and empty until it is given.
Raises as the command does; then the form says nothing."""


SuggestValues = Callable[[Mapping[str, Any], Any], Awaitable[Mapping[str, Any]]]
"""From what is given already and the `Context` to values for other fields. Raises as the command does; then
nothing is suggested."""


@dataclass(frozen=True, slots=True)
class FormSuggestion:
    """Values that a form fills in, made again when one of the fields `on` changes."""

    make: SuggestValues
    on: tuple[str, ...]
