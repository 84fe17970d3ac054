"""`/pg change approve`: agree to a change, or take that back."""

from typing import Annotated

from pydantic import AfterValidator

from bot.changes import transitions
from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, form_prompt, known_as
from bot.domain.redaction import make_storable
from bot.domain.reply import Reply
from handlers.shared.argument_types import ChangeId, SeenDigest, SentCode
from handlers.shared.change_decision import ask_for_decision, change_decision, decide


class ChangeApproveArguments(Arguments):
    change: ChangeId
    note: Annotated[
        str, AfterValidator(make_storable), InForm(hint="Shown on the card and kept in the audit log.")
    ] = ""
    """A note for the card and the audit log"""
    digest: SeenDigest = ""
    code: SentCode = ""
    take_back: Annotated[
        bool, InForm(label="Withdraw my approval", hint="Possible until the change runs.")
    ] = False
    """Withdraw your approval, as long as the change has not run"""


@form_prompt(ask_for_decision("Approve", transitions.approve, asks_code=True))
@known_as("accept", "lgtm", "agree")
@change_decision(
    "change approve c-7kq2mf",
    'change approve c-7kq2mf --note "the restore point is right"',
    "change approve c-7kq2mf --take-back",
)
async def change_approve(args: ChangeApproveArguments, ctx: Context) -> Reply:
    """Approve a change that needs your approval.

    You approve exactly the plan that you were shown. If anything changes before it runs, you are asked again.
    """
    return await decide(
        args.change,
        lambda record, approver: (
            transitions.take_back_approval(record, approver)
            if args.take_back
            else transitions.approve(record, approver, args.digest, args.note)
        ),
        ctx,
        args.code,
    )
