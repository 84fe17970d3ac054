"""From what somebody typed to the one backup they mean: a whole id, or a beginning that only one id has."""

from bot.domain.cluster import Backup, Cluster, Listing
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import AmbiguousName, NoSuchThing
from bot.domain.phrases import join_some, quote_text

HINT = "“backup list CLUSTER” lists the ids."


def find_backup(
    reference: str, listing: Listing[Backup], *, of: Cluster | None = None, hint: str = HINT
) -> Backup:
    """Return the backup of this id or unique beginning, in any case; `of` is the cluster that was looked at.

    Raises AmbiguousName with the candidates, NoSuchThing with where ids are and what could not be looked at.
    """
    requested = reference.strip().casefold()
    found = [each for each in listing.items if each.id.casefold() == requested] or [
        each for each in listing.items if requested and each.id.casefold().startswith(requested)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        ids = join_some(each.id for each in found)
        raise AmbiguousName(
            ErrorCode.BACKUP_AMBIGUOUS,
            f"“{quote_text(reference)}” matches {len(found)} backups: {ids}.",
            "Use the whole id.",
        )
    raise _not_found(reference, listing, of, hint)


def _not_found(reference: str, listing: Listing[Backup], of: Cluster | None, hint: str) -> NoSuchThing:
    steps = [f"“backup list {of.name}” lists the ids." if of else hint]
    if listing.gaps:
        steps.append(f"It may be where something could not be read: {'; '.join(map(str, listing.gaps))}.")
    sentence = f"There is no backup “{quote_text(reference)}” that you may see."
    if listing.gaps and not listing.items:
        sentence = f"It is unknown whether there is a backup “{quote_text(reference)}”."
    elif of:
        sentence = f"“{quote_text(reference)}” is not a backup of {of.name}."
    return NoSuchThing(ErrorCode.BACKUP_NOT_FOUND, sentence, " ".join(steps))
