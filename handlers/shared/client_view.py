"""The verdict on clients as parts of a reply."""

from bot.commands.context import Context
from bot.domain.reply import Note, Part, Text
from handlers.shared.audit_visibility import sees_everything
from migrations.clients import ClientVerdict, EvidenceLack


def show_clients(verdict: ClientVerdict, lacks: tuple[EvidenceLack, ...], ctx: Context) -> list[Part]:
    """Return one cluster's verdict with the uses that show it, or with what is lacking."""
    return [
        Text("\n".join((f"Clients: {verdict.state}", *verdict.lines))),
        *(note_lacks(lacks, ctx) if not verdict.uses else []),
    ]


def note_lacks(lacks: tuple[EvidenceLack, ...], ctx: Context) -> list[Part]:
    """Return what the evidence about all clients lacks; places only for somebody who may see every cluster,
    since a file may be called as a cluster is."""
    everything = sees_everything(ctx)
    return [Note(f"About clients: {each.sentence if everything else f'{each.why}.'}") for each in lacks]
