"""Parts of v2's requests, each with its rule in words. See ionos-v2.openapi.yaml, notes 3, 9."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from bot.ionos.strict_models import SendModel
from bot.ionos.v1.request_parts import UNSET, Major

_KINDS = tuple(map(re.compile, ("[a-z]", "[A-Z]", "[0-9]", "[@$!%*?&]")))


def _has_four_kinds(password: SecretStr) -> SecretStr:
    secret = password.get_secret_value()
    if not all(kind.search(secret) for kind in _KINDS):
        raise ValueError("too simple")
    return password


class V2UserSpec(SendModel):
    """The primary user, its password and the initial database."""

    username: Annotated[
        str,
        StringConstraints(min_length=2, max_length=16, pattern=r"\A[A-Za-z0-9_]+\z"),
        Field(description="A user name on v2 has 2 to 16 letters, digits or underscores"),
    ]
    password: Annotated[
        SecretStr,
        AfterValidator(_has_four_kinds),
        Field(
            min_length=8,
            max_length=63,
            description="A password on v2 has 8 to 63 characters, with a lower-case letter, an upper-case "
            "letter, a digit and one of @$!%*?&",
        ),
    ]
    database: Annotated[
        str,
        StringConstraints(min_length=2, max_length=63, pattern=r"\A[A-Za-z0-9_]+\z"),
        Field(description="The database in the credentials has 2 to 63 letters, digits or underscores"),
    ]


class V2SourceSpec(SendModel):
    """The backup that a new cluster is filled from."""

    source_backup_id: Annotated[str, Field(min_length=1, description="A backup is named by its id")]
    recovery_target_datetime: str | None = None


class V2Limits(SendModel):
    """Limits of what a POST or a PUT takes, by the domain's fields; RAM and storage in GB."""

    name: Annotated[
        str,
        StringConstraints(min_length=2, max_length=63, pattern=r"\A[A-Za-z0-9][-A-Za-z0-9_.]*[A-Za-z0-9]\z"),
        Field(
            description="A cluster name on v2 has 2 to 63 letters, digits, - _ and ., the ends alphanumeric"
        ),
    ] = UNSET
    postgres_version: Major = UNSET
    instances: Annotated[int, Field(ge=1, le=5, description="A cluster has 1 to 5 instances")] = UNSET
    cores: Annotated[int, Field(ge=1, le=62, description="An instance has 1 to 62 cores (v2)")] = UNSET
    ram_mb: Annotated[int, Field(ge=4, le=240, description="RAM per instance is 4 GB to 240 GB (v2)")] = UNSET
    storage_mb: Annotated[int, Field(ge=10, le=4096, description="Storage is 10 GB to 4096 GB (v2)")] = UNSET
    replication: Annotated[
        Literal["ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"],
        Field(description="The replication is ASYNCHRONOUS or STRICTLY_SYNCHRONOUS"),
    ] = UNSET
    backup_location: Annotated[
        str, Field(min_length=1, description="A cluster on v2 needs a backup location")
    ] = UNSET
    backup_retention_days: Annotated[
        int, Field(ge=1, le=365, description="Backups are kept for 1 to 365 days")
    ] = UNSET
