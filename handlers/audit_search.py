"""`/pg audit search`: the audit log by the words in it."""

from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import InForm, Positional, command, known_as, returns
from bot.domain.reply import Reply
from handlers.shared.audit_view import AuditList, AuditListArguments, answer_query


class AuditSearchArguments(AuditListArguments):
    words: Annotated[
        str,
        Positional(rest=True),
        InForm(hint="An entry must contain all of them. orders* finds every ending."),
    ]
    """Words that an entry must contain, all of them; orders* matches every ending"""


@returns(AuditList)
@known_as("who deleted", "who changed", "who created", "who restored")
@command(examples=("audit search orders-prod", "audit search restore --since 30d", "audit search fail*"))
async def audit_search(args: AuditSearchArguments, ctx: Context) -> Reply:
    """Search the audit log by words, people or clusters.

    The search covers commands and answers. It ignores case and accents.
    """
    return await answer_query(args, ctx, args.words)
