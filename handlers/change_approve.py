"""`/pg change approve`: agree to a change, or take that back."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from bot.changes import transitions
from bot.changes.change_result import ChangeResult
from bot.changes.decision_checks import Approver
from bot.changes.record import ChangeRecord
from bot.changes.transitions import Transition
from bot.commands.context import Context
from bot.commands.declaration import Arguments, FormPrompt, command, form_prompt, known_as, returns
from bot.commands.form_layout import InForm
from bot.domain.redaction import make_storable
from bot.domain.reply import Reply
from handlers.shared.argument_types import ChangeId, SeenDigest, SentCode
from handlers.shared.second_confirmation import ask_for_decision, decide_with_code


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


async def ask_for_approval(given: Mapping[str, Any], ctx: Context) -> FormPrompt | None:
    """Return the form for a note, and for the code where one is needed."""
    digest = str(given.get("digest", ""))
    return await ask_for_decision(
        "Approve",
        lambda record, approver: transitions.approve(record, approver, digest),
        given,
        ctx,
        asks_code=True,
    )


@returns(ChangeResult)
@form_prompt(ask_for_approval)
@known_as("accept", "lgtm", "agree")
@command(
    writes=True,
    open_to_all=True,
    repeatable=True,
    examples=(
        "change approve c-7kq2mf",
        'change approve c-7kq2mf --note "the restore point is right"',
        "change approve c-7kq2mf --take-back",
    ),
)
async def change_approve(args: ChangeApproveArguments, ctx: Context) -> Reply:
    """Approve a change that needs your approval.

    You approve exactly the plan that you were shown. If anything changes before it runs, you are asked again.
    """

    def act(record: ChangeRecord, approver: Approver) -> Transition:
        return (
            transitions.take_back_approval(record, approver)
            if args.take_back
            else transitions.approve(record, approver, args.digest, args.note)
        )

    return await decide_with_code(args.change, act, ctx, args.code)
