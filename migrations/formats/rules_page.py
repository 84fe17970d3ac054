"""`docs/rules.md`, made from the rules themselves, so that it cannot say what is not so."""

from collections.abc import Iterator, Sequence

from migrations.facts import FactNeed
from migrations.formats.as_markdown import escape_md, remedy_lines
from migrations.rule import Rule, RuleDeclaration, Scope

HEAD = """# Readiness rules

Made by `make docs` from the rules themselves; do not edit. `pgbot readiness` judges every v1 cluster by the
rules of the first four parts, `pgbot scan` finds in repositories what the last part is about.

- Severity: a **blocker** means that the cluster cannot be expressed in v2 as it is; **action** that its owner
  should change something on the cluster; **advice** and **info** that there is something to know.
- A cluster without an open blocker or action is **ready**: it fits v2. That users, databases and logs leave
  the API holds for every cluster, and nothing on a cluster could change it. So those rules are advice, with
  the SQL to use instead: they are about the cluster's clients. PGR100, PGR102, PGR103 and PGR104 began as
  actions, in a comparison of the two APIs; by that, no cluster with a user of its own could ever be ready.
  PGR134 began as info, when Crossplane had no types of v2 and waiting was all that could be done. Now there
  are some, and an object of v1 that is removed without care deletes its cluster. So it is an action, like
  PGR132 for Terraform.
- Basis: **documented** by IONOS, **inferred** by us, or both: a documented limit, of which we infer what it
  means for the migration.
- Each rule gives one of four answers for a cluster. **Found**: the rule applies, with what was seen.
  **Clear**: it was checked and found nothing. **Not applicable**: the cluster has nothing that the rule is
  about, such as a connection pooler; that is an answer, not a gap. **Inconclusive**: data is missing, and it
  never counts as passed. Where it could have found a blocker or an action, the cluster's verdict is
  inconclusive. A question that only people can answer is inconclusive too, and blocks nothing.
- A field that v1 may leave out has its documented meaning: without `connectionPooler` the pooler is off, and
  an empty list of `connections` is a cluster without a network.
- The region of a cluster is decided once, from its location and its DNS name; where they differ the DNS name
  counts and PGR008 says so. `de/fra/2` shares the host of `de/fra`.
- v1 and v2 clusters are paired one to one. The same id is **visible in v2**. Another id with the same host
  name or network, in the same contract and region, is a **probable successor**. Otherwise the cluster is
  **pending**. Where two match, or an endpoint gave no complete answer, it is **undetermined**.
- In remedies `{name}`, `{id}` and `{region}` stand for the cluster's own values; words in capitals are for
  you to choose.
"""

FETCHED = {
    FactNeed.BACKUPS: "the backups",
    FactNeed.USERS: "the users",
    FactNeed.DATABASES: "the databases",
    FactNeed.V2_VERSIONS: "v2's versions",
    FactNeed.V2_LOCATIONS: "v2's backup locations",
    FactNeed.V2_CLUSTER: "what v2 shows of the cluster",
    FactNeed.NAMESAKES: "the other clusters of its name",
    FactNeed.PRECHECK: "what pgbot precheck found in its databases",
}

TITLES = {
    Scope.CLUSTER: "Clusters",
    Scope.DATABASE: "Users and databases",
    Scope.CLIENTS: "What clients lose",
    Scope.GENERAL: "General",
}


def rules_page(rules: Sequence[Rule], scanned: Sequence[RuleDeclaration]) -> str:
    """Return the page as Markdown: the readiness rules by scope, then the scan's rules."""
    lines = [HEAD.rstrip("\n")]
    for scope, title in TITLES.items():
        lines += ["", f"## {title}"]
        for rule in rules:
            if rule.scope is scope:
                lines += _rule(rule, needs=", ".join(_needs(rule)))
    lines += ["", "## Clients and automation"]
    for each in scanned:
        lines += _rule(each)
    return "\n".join(lines) + "\n"


def _needs(rule: Rule) -> Iterator[str]:
    yield "the cluster"
    yield from (FETCHED[need] for need in FactNeed if need in rule.needs)


def _rule(rule: RuleDeclaration, *, needs: str = "") -> Iterator[str]:
    yield from ("", f"### {rule.id}: {escape_md(rule.title)}", "")
    yield f"- Severity: {rule.severity}"
    yield f"- Basis: {rule.basis}"
    yield f"- Source: {escape_md(rule.source)}"
    if needs:
        yield f"- Looks at: {needs}"
    yield from remedy_lines(rule.remedy)
