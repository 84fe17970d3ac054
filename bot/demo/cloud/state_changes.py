"""State changes of clusters: now, and later on the virtual clock."""

from datetime import datetime, timedelta

from bot.demo.cloud.call import ApiCall, need
from bot.demo.cloud.records import ClusterRecord, Phase, RestoreRecord, ScheduledStep


def need_rest(call: ApiCall, record: ClusterRecord) -> None:
    """Refuse a write to a cluster in deletion, or to a busy one if the switch says so."""
    status = call.cloud.switches.v1_busy_status if call.api == "v1" else 409
    need(record.phase != Phase.DESTROYING, "The cluster is being deleted", status)
    accepts = call.cloud.switches.writes_while_busy == "accept"
    need(accepts or not record.is_busy, "The cluster is busy; try again when it is available", status)


def begin(
    call: ApiCall, record: ClusterRecord, seconds: float, *, delay: float = 0.0, phase: Phase = Phase.CHANGING
) -> datetime:
    """Make the cluster busy for `seconds`, from `delay` seconds on, and return the time of its end.

    Earlier work is superseded. The modification is stamped at once.
    """
    start = call.now + timedelta(seconds=delay)
    end = start + timedelta(seconds=seconds)
    record.steps = [step for step in record.steps if not step.phase]
    record.status_message = None
    if delay:
        call.cloud.schedule(record, ScheduledStep(start, phase))
    else:
        record.phase = phase
    if phase != Phase.CREATING:
        record.modified_at, record.modified_by = call.now, call.access.person
    _end(call, record, phase, (start, end))
    return end


def _end(call: ApiCall, record: ClusterRecord, phase: Phase, span: tuple[datetime, datetime]) -> None:
    start, end = span
    if record.api == "v1" and call.cloud.switches.v1_transient_failed:
        third = (end - start) / 3
        call.cloud.schedule(
            record, ScheduledStep(start + third, Phase.FAILED), ScheduledStep(start + 2 * third, phase)
        )
    call.cloud.schedule(record, ScheduledStep(end, _final(record)))


def _final(record: ClusterRecord) -> Phase:
    """Return the final phase of work that begins now: FAILED once if the operator ordered it."""
    if not record.fail_next:
        return Phase.AVAILABLE
    record.fail_next = False
    record.status_message = "Provisioning failed: no capacity for the requested instances"
    return Phase.FAILED


def destroy(call: ApiCall, record: ClusterRecord) -> None:
    """Begin a deletion, once; a busy cluster is refused as for other writes."""
    if record.phase == Phase.DESTROYING:
        return
    need_rest(call, record)
    record.phase = Phase.DESTROYING
    record.modified_at, record.modified_by = call.now, call.access.person
    end = call.now + timedelta(seconds=call.cloud.durations.delete)
    record.steps = []
    call.cloud.schedule(record, ScheduledStep(end, Phase.GONE))


def upgrade(call: ApiCall, record: ClusterRecord, version: str, done: datetime) -> None:
    """Upgrade to another major version: its data goes to a new backup, the old backup stays."""
    record.version = version
    call.cloud.new_backup(record, done)


def restore(call: ApiCall, record: ClusterRecord, request: RestoreRecord) -> None:
    """Restore in place, with as many traces as the switch allows.

    A target after the last commit is not reached: from version 13 on, PostgreSQL then ends with an error.
    """
    record.restores.append(request)
    misses = bool(request.target and record.idle_since and request.target > record.idle_since)
    record.fail_next = record.fail_next or misses
    trace = call.cloud.switches.restore_trace
    seconds = call.cloud.durations.restore
    if trace == "full":
        call.cloud.new_backup(record, begin(call, record, seconds))
    elif trace == "late":
        start = call.now + timedelta(seconds=call.cloud.durations.late_trace)
        end = start + timedelta(seconds=seconds)
        call.cloud.schedule(record, ScheduledStep(start, Phase.CHANGING, call.access.person))
        call.cloud.schedule(record, ScheduledStep(end, _final(record)))
        call.cloud.new_backup(record, end)
    if misses:
        record.status_message = "Recovery ended before the configured recovery target was reached"


def is_restoring(call: ApiCall, record: ClusterRecord) -> bool:
    """Return whether the cluster is busy with its last restore."""
    if not record.restores or not record.is_busy:
        return False
    spent = call.now - record.restores[-1].at
    durations = call.cloud.durations
    late = durations.late_trace if call.cloud.switches.restore_trace == "late" else 0.0
    return spent < timedelta(seconds=durations.restore + late)
