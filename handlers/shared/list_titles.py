"""Titles of lists and overviews: the result in numbers, then what could not be read."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from bot.domain.cluster import Cluster, Gap
from bot.domain.phrases import format_count
from bot.domain.reply import Part, Reply, Table, Text, warn_of_gaps
from bot.domain.result import CommandResult

RESTING = "AVAILABLE"
"""The state, in both APIs, of a cluster that needs no look."""

_STATES = {"DESTROYING": "being deleted", "MAINTENANCE": "in maintenance", "UNKNOWN": "in an unknown state"}
"""States whose name alone says nothing to people; the others are words (ionos-api-notes, section 4)."""

NO_CLUSTERS = (
    "A permission in app.yaml makes clusters visible to you: “whoami” shows your roles. "
    "If there are none yet, “cluster create” makes one."
)
"""The next step where every endpoint responded and no cluster is visible."""

UNREAD = "Nothing could be read. The warnings say why."
"""The text of an answer for which nothing could be read."""


def describe_state(state: str) -> str:
    return _STATES.get(state, state.replace("_", " ").casefold())


def describe_states(clusters: Collection[Cluster]) -> str:
    """Return how many clusters are in each state, the most common first: `9 available, 2 busy`."""
    states = Counter(describe_state(each.state) for each in clusters).most_common()
    return ", ".join(f"{count:,} {state}" for state, count in states)


def describe_gaps(gaps: Collection[Gap]) -> str:
    """Return the words that a title adds where some endpoints could not be read; empty for no gaps."""
    return f"; {format_count(len(gaps), 'endpoint')} could not be read" if gaps else ""


def title_clusters(clusters: Collection[Cluster], of: int, gaps: Collection[Gap]) -> str:
    """Return the title of a list of these clusters, of the `of` that the person may see."""
    number = format_count(of, "cluster")
    counted = number if len(clusters) == of else f"{len(clusters):,} of {number}"
    return f"{counted}: {describe_states(clusters)}{describe_gaps(gaps)}"


def title_fleet(clusters: Collection[Cluster], gaps: Collection[Gap]) -> str:
    """Return the title of an overview: how many clusters are not available, and what their states are."""
    unrest = [each for each in clusters if each.state != RESTING]
    number = format_count(len(clusters), "cluster")
    if not unrest:
        known = " that could be read" if gaps else ""
        every = f"1 cluster{known} is" if len(clusters) == 1 else f"All {number}{known} are"
        return f"{every} available{describe_gaps(gaps)}"
    some = "is" if len(unrest) == 1 else "are"
    counted = f"{len(unrest):,} of {number} {some} not available"
    return f"{counted}: {describe_states(unrest)}{describe_gaps(gaps)}"


def title_no_clusters(gaps: Collection[Gap]) -> str:
    """Return the title of an answer without clusters."""
    return f"No cluster could be read{describe_gaps(gaps)}" if gaps else "No clusters are visible to you"


def reply_no_clusters(gaps: Collection[Gap], parts: Iterable[Part], result: CommandResult) -> Reply:
    """Return an answer without clusters, with these parts before the reason."""
    reason = Text(UNREAD if gaps else NO_CLUSTERS)
    return Reply(title_no_clusters(gaps), (*parts, reason), ok=not gaps, result=result)


def show_list(table: Table, gaps: Collection[Gap], nothing: str) -> list[Part]:
    """Return a table, or what to do where it has no rows, and a warning for each gap."""
    return [table if table.rows else Text(UNREAD if gaps else nothing), *warn_of_gaps(gaps)]


def title_objects(cluster: str, word: str, number: int, gaps: Collection[Gap]) -> str:
    """Return the title of a list of what one cluster has: `orders-prod has 3 databases`."""
    if gaps and not number:
        return f"The {word}s of {cluster} could not be read"
    return f"{cluster} has {format_count(number, word) if number else f'no {word}s'}{describe_gaps(gaps)}"


def title_backups(clusters: int, *, wrong: int, unread: int, gaps: Collection[Gap]) -> str:
    """Return the title of an overview of backups: of how many clusters they have a problem, or are unread."""
    number = format_count(clusters, "cluster")
    said = []
    if wrong:
        said.append(f"{wrong:,} of {number} {'has' if wrong == 1 else 'have'} a backup problem")
    if unread:
        those = f"the backups of {unread:,}" if said else f"The backups of {unread:,} of {number}"
        said.append(f"{those} could not be read")
    every = "1 cluster has" if clusters == 1 else f"All {number} have"
    return f"{', '.join(said) or f'{every} good backups'}{describe_gaps(gaps)}"


def title_verdicts(counts: Mapping[str, int], of: int) -> str:
    """Return the title of a readiness list: of how many v1 clusters each verdict is, the worst first."""
    number = format_count(of, "v1 cluster")
    said = [(count, verdict) for verdict, count in counts.items() if count]
    if not said:
        return f"None of {number} matches"
    if said == [(of, "ready")]:
        return f"All {number} are ready for v2" if of > 1 else f"{number}, ready for v2"
    shown = sum(counts.values())
    if shown < of and len(said) > 1:
        counted = ", ".join(f"{count:,} {_say_verdict(count, verdict, are='')}" for count, verdict in said)
        return f"{shown:,} of {number} match: {counted}"
    (first, worst), *others = said
    words = [f"{first:,} of {number} {_say_verdict(first, worst)}"]
    return ", ".join([*words, *(f"{count:,} {_say_verdict(count, verdict)}" for count, verdict in others)])


def _say_verdict(count: int, verdict: str, are: str = "are ") -> str:
    if verdict == "needs work":
        return verdict if count == 1 else "need work"
    return f"{'is ' if are and count == 1 else are}{verdict}"
