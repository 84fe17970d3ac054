"""A requester's approval of their own change: where the policy lets them, and never of what destroys."""

from contextlib import nullcontext

import pytest
from stored_changes import StoredChanges, approval

from bot.changes import transitions
from bot.domain.approval_requirement import ApprovalRequirement
from bot.domain.errors import Denied
from bot.domain.plan import Harm


@pytest.mark.parametrize("harm", Harm)
@pytest.mark.parametrize("own_vote", [True, False])
def test_only_where_the_policy_lets_them_and_nothing_is_destroyed(tmp_path, harm, own_vote):
    room = StoredChanges(tmp_path)
    need = ApprovalRequirement.of(approval(roles={"dba": 1}, own_vote=own_vote))
    record = room.record("a", need, "ann", harm)
    may = own_vote and harm is not Harm.DESTRUCTIVE

    with nullcontext() if may else pytest.raises(Denied, match="somebody else has to approve it"):
        assert transitions.approve(record, room.voter("ann")).fields["state"] == "approved"
