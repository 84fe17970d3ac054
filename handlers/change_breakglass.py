"""`/pg change breakglass`: go ahead in an emergency without the approvals that are missing."""

from collections.abc import Mapping
from typing import Annotated, Any

from bot.changes import transitions
from bot.changes.service import find_approvers
from bot.commands.context import Context
from bot.commands.declaration import InForm, form_prompt, known_as
from bot.commands.form_layout import FormPrompt
from bot.domain.reply import Reply
from handlers.shared.argument_types import SentCode
from handlers.shared.change_decision import DecisionArguments, change_decision, decide


class ChangeBreakglassArguments(DecisionArguments):
    name: Annotated[str, InForm(label="Name of the cluster", hint="Type it as a confirmation.")] = ""
    """Name of the cluster, typed as a confirmation"""
    code: SentCode = ""


async def demand_reason(_values: Mapping[str, Any], _ctx: Context) -> FormPrompt:
    """Return what a form demands: break-glass without a reason is refused."""
    return FormPrompt("", ("reason",))


@form_prompt(demand_reason)
@known_as("emergency", "break glass", "force", "override")
@change_decision('change breakglass c-7kq2mf --name orders-prod --reason "losing data now"', repeatable=False)
async def change_breakglass(args: ChangeBreakglassArguments, ctx: Context) -> Reply:
    """Run a change in an emergency, without the missing approvals.

    Everyone who is skipped is notified and asked to review the change. You need a role that every approval
    rule of the change lists under break_glass; the requester may only use it if these rules say so. You can't
    use break-glass again until your last change has been reviewed.
    """
    return await decide(
        args.change,
        lambda record, approver: transitions.break_glass(
            record, approver, args.name, args.reason, skipped=find_approvers(ctx.policy, record)
        ),
        ctx,
        args.code,
    )
