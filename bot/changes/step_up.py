"""The second confirmation of changes that can lose data: a code that is sent to one person and typed once.

Codes are in memory alone. After a restart, or in another process, people ask for a new one.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest

from bot.changes.record import ChangeRecord
from bot.domain.errors import InputError
from bot.domain.redaction import forget_secrets, remember_secrets
from bot.runtime.clock import Clock

LIFETIME = timedelta(minutes=10)

MOST_TRIES = 5
"""Wrong codes after which the right one no longer counts."""

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Characters of codes: no two that are mistaken for each other when read."""


class CodeNeeded(Exception):
    """A decision about this change counts only with a code, and none was given."""

    def __init__(self, record: ChangeRecord) -> None:
        super().__init__(record.id)
        self.record = record


@dataclass(slots=True)
class _Issued:
    """A code, its end (UTC), and how often a wrong one may still be typed."""

    code: str
    until: datetime
    tries: int = MOST_TRIES


@dataclass(slots=True)
class StepUpCodes:
    """The codes that count now, by change and person: the last one that each was sent."""

    clock: Clock
    _issued: dict[tuple[str, str], _Issued] = field(default_factory=dict)

    def issue(self, change_id: str, person: str) -> str:
        """Return a new code, such as `K7QM-2PXF`, in place of the person's earlier one for this change."""
        now, own = self.clock.now(), (change_id, person)
        for key in [key for key, each in self._issued.items() if key == own or each.until <= now]:
            self._drop(key)
        code = "".join(secrets.choice(ALPHABET) for _ in range(8))
        self._issued[own] = _Issued(code, now + LIFETIME)
        remember_secrets(_spellings(code))
        return _spellings(code)[1]

    def is_issued(self, change_id: str, person: str) -> bool:
        """Return whether the person has a code for this change that is still valid."""
        issued = self._issued.get((change_id, person))
        return issued is not None and self.clock.now() < issued.until

    def take(self, record: ChangeRecord, person: str, typed: str) -> None:
        """Use up the code that a person typed. Raises CodeNeeded for none, and InputError for one that does
        not count."""
        code = "".join(each for each in typed.upper() if each.isalnum())
        if not code:
            raise CodeNeeded(record)
        key = (record.id, person)
        issued = self._issued.get(key)
        if issued is not None and compare_digest(code.encode(), issued.code.encode()):
            self._drop(key)
            if self.clock.now() < issued.until:
                return
        elif issued is not None:
            issued.tries -= 1
            if not issued.tries:
                self._drop(key)
        raise InputError(
            "This code is wrong, already used or expired.",
            "Leave out --code to get a new one.",
        )

    def _drop(self, key: tuple[str, str]) -> None:
        forget_secrets(_spellings(self._issued.pop(key).code))


def _spellings(code: str) -> tuple[str, str]:
    return code, f"{code[:4]}-{code[4:]}"
