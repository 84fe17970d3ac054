"""The order in which waiting messages are sent: what is urgent, and people in turn."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessagePriority:
    """The person on whose behalf a message is sent, empty for nobody, and whether it is urgent."""

    person: str = ""
    urgent: bool = False


class FairOrder:
    """An order for waiting messages in which no single person crowds out the others.

    People are served in turn. Every other time only urgent messages are looked at, so that neither many
    people with ordinary ones nor one person with many urgent ones keep others waiting.
    """

    def __init__(self) -> None:
        self._served: dict[str, int] = {}
        self._turn = 0

    def choose(self, waiting: Sequence[MessagePriority]) -> int:
        """Return the position of the next one; of one person, the first urgent one, else the first."""
        self._turn += 1
        urgent = [number for number, each in enumerate(waiting) if each.urgent]
        candidates = urgent if urgent and self._turn % 2 else range(len(waiting))

        def rank(number: int) -> tuple[int, bool]:
            each = waiting[number]
            return self._served.get(each.person, 0), not each.urgent

        chosen = min(candidates, key=rank)
        # People without anything pending are forgotten: the next time they come first.
        self._served = {each.person: self._served.get(each.person, 0) for each in waiting}
        self._served[waiting[chosen].person] = self._turn
        return chosen
