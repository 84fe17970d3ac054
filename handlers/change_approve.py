"""`/pg change approve`: agree to a change, or take that back."""

from typing import Annotated

from pydantic import Field

from bot.changes import transitions
from bot.changes.decision_checks import Approver
from bot.changes.record import ChangeRecord
from bot.changes.transitions import Transition
from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, known_as
from bot.domain.command_info import CommandEffect
from bot.domain.reply import Reply
from handlers.shared.argument_types import ChangeId, SeenDigest, SentCode
from handlers.shared.second_confirmation import decide_with_code


class ChangeApproveArguments(Arguments):
    change: ChangeId
    digest: SeenDigest = ""
    code: SentCode = ""
    take_back: Annotated[
        bool, Field(description="Withdraw your approval, as long as the change has not run")
    ] = False


@known_as("accept", "lgtm", "agree")
@command(
    effect=CommandEffect.WRITE,
    open_to_all=True,
    repeatable=True,
    examples=("change approve c-7kq2mf", "change approve c-7kq2mf --take-back"),
)
async def change_approve(args: ChangeApproveArguments, ctx: Context) -> Reply:
    """Approve a change that needs your approval.

    You approve exactly the plan that you were shown. If anything changes before it runs, you are asked again.
    """

    def act(record: ChangeRecord, approver: Approver) -> Transition:
        return (
            transitions.take_back_approval(record, approver)
            if args.take_back
            else transitions.approve(record, approver, args.digest)
        )

    return await decide_with_code(args.change, act, ctx, args.code)
