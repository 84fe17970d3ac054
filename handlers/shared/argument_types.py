"""Arguments that several commands take, each with its description."""

from typing import Annotated, Literal

from pydantic import Field

from bot.commands.declaration import Picks, Positional
from bot.commands.form_layout import InForm
from bot.domain.byte_sizes import RAM, STORAGE

ChangeId = Annotated[
    str, Positional(), Picks("change"), InForm(hint=""), Field(description="Id of the change")
]
ClusterName = Annotated[
    str,
    Positional(),
    Picks("cluster"),
    InForm(hint="Type part of its name."),
    Field(description="Name, id or unique beginning"),
]
ClusterWords = Annotated[
    str,
    Positional(rest=True),
    Picks("cluster"),
    InForm(hint="Type part of its name."),
    Field(description="Name, id, or the beginning of a name that no other has"),
]
"""The last positional argument, so that a name with blanks needs no quotes."""

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Generation = Literal["v1", "v2"]
PoolMode = Literal["disabled", "transaction", "session"]
RamSize = Annotated[
    int | None,
    RAM,
    InForm(label="RAM per instance (GB)", hint=""),
    Field(description="RAM of each instance: 16 GB, 16384 MB"),
]
ReplicationMode = Literal["asynchronous", "strictly-synchronous"]
ReportName = Annotated[
    str, Positional(), InForm(label="Report", hint=""), Field(description="Name of the report")
]
SeenDigest = Annotated[str, Picks("hidden"), Field(description="What was looked at; buttons fill it in")]
SentCode = Annotated[
    str,
    InForm(hint="Only if the change asks for the code that you got by direct message."),
    Field(description="The code that was sent to you by direct message, where the change asks for one"),
]
SkippedRows = Annotated[
    int, Picks("hidden"), Field(ge=0, description="Leave out this many rows of the beginning")
]
StorageSize = Annotated[
    int | None,
    STORAGE,
    InForm(label="Storage per instance (GB)", hint="Storage can grow, but not shrink."),
    Field(description="Storage of each instance: 100 GB, 1 TB; it only grows"),
]
StorageType = Literal["HDD", "SSD", "SSD Standard", "SSD Premium"]
Switch = Literal["on", "off"]
UserName = Annotated[
    str, Positional(), Picks("user"), InForm(hint=""), Field(description="Name of the user, in the same case")
]
