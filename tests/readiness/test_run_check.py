"""Checks for a person: clusters that they may not see do not exist for them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from migration_site import record
from terminal_site import OPERATOR, terminal_site

from bot.domain.migration_records import Waiver
from bot.domain.request import Invocation
from bot.settings.sections import WaiverSetting
from handlers.shared.readiness_check import check_readiness

pytestmark = pytest.mark.anyio


def context(terminal):
    """Return the context of `migration status` when the terminal runs it."""
    kernel = terminal.kernel
    command = kernel.dispatcher.registry.get(("migration", "status"))
    at = kernel.clock.now()
    invocation = Invocation(key="k", trace="t", actor=OPERATOR, channel="", text="", at=at)
    return kernel.dispatcher.make_context(invocation, command)


class Blinkered:
    """A context in which one name must not be read."""

    def __init__(self, ctx, hidden):
        self._ctx = ctx
        self._hidden = hidden

    def __getattr__(self, name):
        return getattr(self._ctx, name)

    def may_see(self, cluster):
        return cluster.id != self._hidden


async def test_a_namesake_that_may_not_be_seen_is_named_in_no_finding(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        record(terminal, "hr-staging").name = "hr-prod"
        hidden, shown = (each.id for each in terminal.cloud.everything() if each.name == "hr-prod")
        ctx = context(terminal)

        both = await check_readiness(ctx)
        one = await check_readiness(Blinkered(ctx, hidden))

    def rules_of(judged):
        found = next(each for each in judged.report.assessments if each.cluster.id == shown)
        return {finding.rule.id for finding in found.findings}

    assert "PGR041" in rules_of(both)
    assert "PGR041" not in rules_of(one)
    assert hidden not in {each.cluster.id for each in one.report.assessments}


async def test_only_selected_clusters_are_judged_and_waivers_of_others_do_not_matter(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        orders = record(terminal, "orders-prod").id
        judged = await check_readiness(context(terminal), lambda each: each.id == orders)

    assert [each.cluster.name for each in judged.report.assessments] == ["orders-prod"]
    assert len(judged.collected.in_v2) == 15


async def test_the_newest_waiver_of_a_rule_wins_over_that_of_app_yaml(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        cluster_id, ctx = record(terminal, "ledger-prod").id, context(terminal)
        now = ctx.now()
        fixed = WaiverSetting(
            rule="PGR020", cluster="ledger-prod", until=now.date(), owner="file", reason="in the file"
        )
        given = Waiver(
            rule="PGR020",
            cluster=cluster_id,
            until=now + timedelta(days=1),
            owner="U0BOB",
            reason="by command",
        )
        ctx = replace(ctx, settings=ctx.settings.model_copy(update={"waivers": (fixed,)}))
        from_file = await check_readiness(ctx, lambda each: each.id == cluster_id)
        await ctx.readiness.waivers.give(given, now)
        from_both = await check_readiness(ctx, lambda each: each.id == cluster_id)

    def owner(judged):
        findings = judged.report.assessments[0].findings
        return next(each.waiver.owner for each in findings if each.rule.id == "PGR020")

    assert owner(from_file) == "file"
    assert owner(from_both) == "U0BOB"
