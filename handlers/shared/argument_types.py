"""Arguments that several commands take, each with its description."""

from typing import Annotated, Literal

from pydantic import Field

from bot.commands.declaration import Arguments, ChangeArguments, InForm, Picks, Positional
from bot.domain.byte_sizes import RAM, STORAGE

ChangeId = Annotated[
    str, Positional(), Picks("change"), InForm(hint=""), Field(description="Id of the change")
]
ClusterName = Annotated[
    str,
    Positional(),
    Picks("cluster"),
    InForm(hint="Type part of its name."),
    Field(description="Name, id or unique start of a name"),
]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Generation = Literal["v1", "v2"]
OwnerFilter = Annotated[
    str | None,
    InForm(hint="As app.yaml has it."),
    Field(description="Only clusters of this owner, from app.yaml"),
]
PoolMode = Literal["disabled", "transaction", "session"]
RamSize = Annotated[
    int | None,
    RAM,
    InForm(label="RAM per instance (GB)", hint=""),
    Field(description="RAM per instance: 16 GB, 16384 MB"),
]
ReplicationMode = Literal["asynchronous", "strictly-synchronous"]
RegionFilter = Annotated[
    str | None,
    InForm(hint="", example="de/fra"),
    Field(description="Only clusters in this region, such as de/fra"),
]
SeenDigest = Annotated[
    str, Picks("hidden"), Field(description="Digest of the plan that you saw; buttons fill it in")
]
SentCode = Annotated[
    str,
    InForm(hint="Only if the change asks for the code that you got by direct message."),
    Field(description="Code from your direct messages, if the change requires one"),
]
SkippedRows = Annotated[int, Picks("hidden"), Field(ge=0, description="Number of rows to skip")]
StorageSize = Annotated[
    int | None,
    STORAGE,
    InForm(label="Storage per instance (GB)", hint="Storage can grow, but not shrink."),
    Field(description="Storage per instance: 100 GB, 1 TB; it can't shrink"),
]
Switch = Literal["on", "off"]
TierFilter = Annotated[
    str | None,
    InForm(hint="As app.yaml has it."),
    Field(description="Only clusters of this tier, from app.yaml"),
]
UserName = Annotated[
    str, Positional(), Picks("user"), InForm(hint=""), Field(description="Name of the user (case-sensitive)")
]


class ClusterArguments(Arguments):
    # The last positional argument, so that a name with blanks needs no quotes.
    cluster: Annotated[str, Positional(rest=True), Picks("cluster"), InForm(hint="Type part of its name.")]
    """Name, id or unique start of a name"""


class ClusterChangeArguments(ChangeArguments):
    cluster: ClusterName
