"""Results of `pgbot check` about the clusters: selectors, waivers and rules that cover none."""

from collections.abc import Iterator, Sequence

from bot.access.policy import Policy
from bot.domain.cluster import Cluster, Gap, Listing
from bot.domain.phrases import join_names, join_some
from bot.ionos.endpoint import EndpointRefusal
from bot.ionos.http_errors import ONLY_BY_BEARER
from bot.programs.check_result import CheckResult, failed, hinted, unknown, warned
from bot.programs.kernel import registry
from bot.programs.settings_lint import name_selector, named_clusters
from bot.settings.model import ClusterMatch, Selector, Settings, Setup
from bot.settings.yaml_source import Location
from migrations.readiness import merge_waivers


def check_gaps(setup: Setup, gaps: Sequence[Gap]) -> Iterator[CheckResult]:
    """Report each endpoint that refused the credentials (error) or did not respond (unknown), and once each
    contract with a login, which v2 does not accept (warning)."""
    contracts = {each.name: n for n, each in enumerate(setup.settings.ionos.contracts)}
    told = set()
    for gap in gaps:
        number = contracts.get(gap.contract or "")
        place = "" if number is None else setup.place("ionos", "contracts", number)
        if not isinstance(gap, EndpointRefusal):
            yield unknown(f"cloud: {gap}", "Set ionos.api_url and ionos.region_url both, or neither.", place)
        elif gap.is_passing:
            yield unknown(f"cloud: {gap}", "Check again later, or correct the address under ionos.", place)
        elif not gap.why.endswith(ONLY_BY_BEARER):
            yield failed(f"cloud: {gap}", "Check the contract's token and the address under ionos.", place)
        elif gap.contract not in told:
            told.add(gap.contract)
            words = f"cloud: contract {gap.contract} uses a login, so pgbot can’t see its v2 clusters"
            yield warned(words, "Give it a token. v2 accepts nothing else.", place)


def check_selectors(setup: Setup, clusters: Listing[Cluster]) -> Iterator[CheckResult]:
    """Report selectors that match no cluster of today; unknown where a place did not respond."""
    settings, found = setup.settings, clusters.items
    idle: list[tuple[Location, str]] = [
        (at, f"{name_selector(at)}: {_describe_selector(each)}")
        for at, each in named_clusters(settings)
        if not any(_matches(each, cluster, settings) for cluster in found)
    ]
    for n, waiver in enumerate(settings.waivers):
        if not merge_waivers([], [waiver.as_waiver()], found):
            idle.append((("waivers", n, "cluster"), f"waivers: {waiver.cluster} ({waiver.rule})"))
    for at, name in idle:
        place = setup.place(*at)
        if clusters.gaps:
            words = f"{name} matches no cluster so far, and some endpoints did not respond"
            yield unknown(words, "Check again when every endpoint responds.", place)
        elif at[0] == "clusters":
            yield hinted(f"{name} matches no cluster", "Correct it, unless it is for future clusters.", place)
        else:
            yield warned(f"{name} matches no cluster", "Correct it, or remove it.", place)


def _describe_selector(selector: ClusterMatch) -> str:
    return ", ".join(f"{key} {value}" for key, value in selector.model_dump(exclude_none=True).items())


def _matches(selector: ClusterMatch, cluster: Cluster, settings: Settings) -> bool:
    if isinstance(selector, Selector):
        return selector.covers(cluster, settings.tags(cluster))
    return selector.fits(cluster)


def check_coverage(policy: Policy, clusters: Sequence[Cluster]) -> Iterator[CheckResult]:
    """Report clusters that no approval rule covers for changes that have rules, each set of them once."""
    changes: dict[tuple[str, ...], list[str]] = {}
    for each in registry():
        if each.change is not None:
            names = tuple(sorted(c.name or c.id for c in policy.left_to_default(each.name, clusters)))
            changes.setdefault(names, []).append(each.name)
    for names, commands in changes.items():
        if names:
            what = f"approvals: no rule for {join_names(commands)} covers {join_some(names, LISTED)}"
            yield warned(what, "approvals.default applies to them.")


LISTED = 20
"""Clusters that a result names before it counts the others."""
