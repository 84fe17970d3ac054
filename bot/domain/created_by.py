"""The creator of a database user or database, read from the ending of `createdBy`."""

BY_SQL = "SQL, not the API"
BY_PLATFORM = "the platform"

_ENDINGS = (("_unmanaged_", BY_SQL), ("_system_", BY_PLATFORM))
"""Source: ionos-api-notes, section 9."""


def made_by(created_by: str | None, *, is_system: bool | None = None) -> str | None:
    """Return SQL, the platform, or the last part of the creator's name; None where the API did not say."""
    for ending, words in _ENDINGS:
        if (created_by or "").endswith(ending):
            return words
    if is_system:
        return BY_PLATFORM
    return (created_by or "").rpartition("/")[2] or created_by or None
