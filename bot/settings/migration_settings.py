"""The `migration` and `waivers` sections of app.yaml: data for the readiness check, and exemptions."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationInfo

from bot.domain.migration_records import Waiver

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _resolve_path(text: str, info: ValidationInfo) -> str:
    """Return the path from the folder of app.yaml, which the validation has as its context."""
    return str(info.context / text) if isinstance(info.context, Path) else text


class MigrationSettings(BaseModel):
    """The readiness check: a folder of rules of your own, a Python file each, and evidence from files.

    `deadline` is the last day, UTC, on which clusters may be on v1. `evidence` are files, folders and globs
    with documents by `pgbot scan` and `pgbot precheck`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)
    rules: Word | None = None
    deadline: date | None = None
    evidence: tuple[Annotated[Word, AfterValidator(_resolve_path)], ...] = ()


class WaiverSetting(BaseModel):
    """A waiver of a rule through the day `until`, UTC. `cluster` is an id or a name pattern with * and ?."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)
    rule: Word
    cluster: Word
    until: date
    owner: Word
    reason: Word

    @property
    def ends(self) -> datetime:
        """Return the end of the last day, UTC."""
        return datetime.combine(self.until + timedelta(days=1), datetime.min.time(), UTC)

    def as_waiver(self) -> Waiver:
        """Return it in the form of a waiver that was given by command."""
        return Waiver(self.rule.upper(), self.cluster, self.ends, self.owner, self.reason)
