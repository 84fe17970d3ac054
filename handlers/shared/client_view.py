"""The verdict on clients as parts of a reply."""

from collections import Counter
from dataclasses import replace

from bot.commands.context import Context
from bot.domain.reply import Note, Part, Text
from handlers.shared.audit_visibility import sees_everything
from migrations.clients import ClientState, ClientVerdict
from migrations.formats.readiness_records import ClientsOverview
from migrations.readiness import ReadinessReport


def show_clients(verdict: ClientVerdict, report: ReadinessReport, ctx: Context) -> list[Part]:
    """Return one cluster's verdict with the uses that show it, or with what is lacking."""
    return [
        Text("\n".join((f"Clients: {verdict.state}", *verdict.lines))),
        *(note_evidence(report, ctx) if not verdict.uses else []),
    ]


def note_evidence(report: ReadinessReport, ctx: Context) -> list[Part]:
    """Return what the verdicts on clients rest on, and what the evidence lacks; places only for somebody who
    may see every cluster, since a file may be called as a cluster is."""
    everything = sees_everything(ctx)
    lacks = (each.sentence if everything else f"{each.why}." for each in report.client_lacks)
    basis = [Note(report.client_basis)] if report.client_basis else []
    return [*basis, *(Note(f"About clients: {each}") for each in lacks)]


def overview_clients(report: ReadinessReport, ctx: Context) -> ClientsOverview:
    """Return the same for programs, with the verdicts counted."""
    counts = Counter(each.clients.state for each in report.assessments)
    everything = sees_everything(ctx)
    return ClientsOverview(
        verdicts={state: counts[state] for state in ClientState},
        basis=report.client_basis,
        lacks=tuple(each if everything else replace(each, places=()) for each in report.client_lacks),
    )
