"""The `quota` of a contract in app.yaml: the limits of all its clusters together, which no API tells."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.domain.byte_sizes import parse_gigabytes
from bot.settings.mistakes import WholeNumber, refuse_bool

Most = Annotated[WholeNumber, Field(ge=1)] | None
MostGigabytes = (
    Annotated[int, BeforeValidator(parse_gigabytes), BeforeValidator(refuse_bool), Field(ge=1)] | None
)
"""None: unknown."""


class Quota(BaseModel):
    """The limits as IONOS's DCD shows them; RAM and storage in GB, of all instances together."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)
    clusters: Most = None
    cores: Most = None
    ram: MostGigabytes = None
    storage: MostGigabytes = None
