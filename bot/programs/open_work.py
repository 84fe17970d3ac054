"""Open changes and runs that rest on something which app.yaml no longer has as it was."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from bot.access.policy import Policy
from bot.changes.notifications import find_card_place
from bot.changes.record import OPEN, ChangeRecord, ChangeState
from bot.commands.dispatcher import Dispatcher
from bot.domain.approval_requirement import ApprovalCondition
from bot.domain.phrases import join_some
from bot.programs.check_result import CheckResult, failed, warned
from bot.runtime.logger import get_logger
from bot.settings.model import OWNER, ApprovalTerms, Settings

log = get_logger()

LISTED = 20
"""Changes that a finding names before it counts the others."""


async def warn_of_open_work(dispatcher: Dispatcher) -> None:
    """Log what the settings of this start lack for what is open."""
    async for each in examine_open_work(dispatcher):
        log.warning("open work depends on removed settings", what=each.what, advice=each.advice)


async def examine_open_work(dispatcher: Dispatcher) -> AsyncIterator[CheckResult]:
    """Yield what app.yaml lacks for open changes, for clusters that drills left, and for runs of reports.

    It is a failed check where these cannot end as they should without it.
    """
    rows, settings = dispatcher.changes.rows, dispatcher.settings
    changes = await rows.newest(OPEN)
    left = [each for each in await rows.find_throwaways(()) if not (each.is_open or each.had_no_effect)]
    pending = [each for each in changes if each.state is ChangeState.PROPOSED]
    places = {each.id: {card.channel for card in await rows.cards(each.id)} for each in pending}
    for finding in (
        *_find_lost_contracts([*changes, *left], settings),
        *_find_lost_roles(pending, dispatcher.policy),
        *_find_lost_rules(pending, settings),
        *_find_lost_channels(pending, places, settings),
    ):
        yield finding
    known = {each.name for each in await dispatcher.reports.all_reports()}
    for name in dict.fromkeys(each.report for each in await dispatcher.reports.rows.open_slots()):
        if name not in known:
            what = f"report {name}: a run is due, but the report is no longer in app.yaml"
            yield warned(what, "The run is skipped. Put the report back if you still need it.")


def _group(pairs: Iterator[tuple[str, ChangeRecord]]) -> Mapping[str, str]:
    """Return the ids of the changes by what they lack, as words."""
    found: dict[str, list[str]] = {}
    for name, record in pairs:
        found.setdefault(name, []).append(record.id)
    return {name: join_some(dict.fromkeys(ids), LISTED) for name, ids in found.items()}


def _find_lost_contracts(changes: Sequence[ChangeRecord], settings: Settings) -> Iterator[CheckResult]:
    known = {each.name for each in settings.ionos.contracts}
    targets = ((each.plan.target.contract, each) for each in changes)
    for name, ids in _group(each for each in targets if each[0] not in known).items():
        yield failed(
            f"contract {name}: it is no longer in app.yaml, so {ids} cannot be sent, followed or cleaned up",
            "Put it back under ionos.contracts until they finish, or settle them.",
        )


def _find_lost_roles(changes: Sequence[ChangeRecord], policy: Policy) -> Iterator[CheckResult]:
    lost = (
        (role, each)
        for each in changes
        for role in each.missing_roles()
        if not policy.members([role], policy.answered_for(each.plan))
    )
    for role, ids in _group(lost).items():
        yield failed(
            f"role {role}: it has no people, so {ids} cannot be approved",
            "Add people to it, or let them expire.",
        )


def _find_lost_rules(changes: Sequence[ChangeRecord], settings: Settings) -> Iterator[CheckResult]:
    terms = dict(settings.approval_terms)
    lost = (
        (name, each)
        for each in changes
        for condition in each.need.approvals
        if (name := condition.rule.split(",")[0]).startswith("approval rule ")
        and not _asks_alike(terms.get(name), condition)
    )
    for rule, ids in _group(lost).items():
        yield warned(
            f"{rule}: app.yaml changed it after {ids} matched it",
            "They need the approvals of the old rule and of today's rules.",
        )


def _asks_alike(now: ApprovalTerms | None, then: ApprovalCondition) -> bool:
    """Return whether a rule still asks for the same roles; `owner` may stand for a name in a condition."""
    return now is not None and (OWNER in now.roles or now.roles == then.roles)


def _find_lost_channels(
    changes: Sequence[ChangeRecord], places: Mapping[str, set[str]], settings: Settings
) -> Iterator[CheckResult]:
    lost = (
        (channel, each)
        for each in changes
        for channel in sorted(places[each.id] - {each.requester.channel, each.requester.id})
        if channel[0] in "CG" and channel != find_card_place(settings, each)
    )
    for channel, ids in _group(lost).items():
        yield warned(
            f"channel {channel}: it is no longer in app.yaml, but has the cards of {ids}",
            "These cards stay there. New cards go to the channel in app.yaml.",
        )
