"""`docs/rules.md`, made from the rules themselves, so that it cannot say what is not so."""

from collections.abc import Iterator, Sequence

from migrations.facts import FactNeed
from migrations.formats.as_markdown import escape_md, remedy_lines
from migrations.rule import Rule, RuleDeclaration, Scope

HEAD = """# Readiness rules

`make docs` writes this page from the rules; do not edit it. `pgbot readiness` checks every v1 cluster against
the first four parts. `pgbot scan` checks repositories against the last part.

**Which findings block the move?** A cluster without an open blocker or required action is **ready**.

- **blocker**: v2 does not accept the cluster as it is.
- **action**: the owner should change something on the cluster.
- **advice** and **info**: nothing has to change on the cluster.

**What can a rule answer?**

- **Found**: the rule applies. The finding shows the evidence.
- **Clear**: the rule was checked and found nothing.
- **Not applicable**: the cluster has nothing that the rule is about, such as a connection pooler.
- **Inconclusive**: data is missing. This never counts as passed. If the rule could have found a blocker or an
  action, the verdict on the cluster is inconclusive too. A question that only you can answer blocks nothing.

**How sure is a rule?** The basis is **documented** by IONOS, **inferred** by us, or both: a documented limit
whose effect on the migration we infer.

**How are clusters read and paired?**

- A field that v1 may omit has its documented meaning. Without `connectionPooler` the pooler is off, and an
  empty list of `connections` means a cluster without a network.
- The region comes from the location and the DNS name. If they differ, the DNS name counts and PGR008 reports
  it. `de/fra/2` shares the host of `de/fra`.
- v1 and v2 clusters are paired one to one. The same id is **visible in v2**. Another id with the same host
  name or network, in the same contract and region, is a **probable successor**. Otherwise the cluster is
  **pending**. If two match, or an endpoint did not respond completely, it is **undetermined**.

**Why are users, databases and logs only advice?** They leave the API for every cluster, and no change to a
cluster could prevent it. These rules concern the cluster's clients and name the SQL to use instead. PGR100,
PGR102, PGR103 and PGR104 were actions at first, but then no cluster with its own users could be ready.

**Why is PGR134 an action?** It was info while Crossplane had no v2 types. Now it has some, and removing a v1
object carelessly deletes its cluster. PGR132 is an action for Terraform for the same reason.

In remedies, `{name}`, `{id}` and `{region}` stand for the cluster's own values. Choose a value for each
word in capitals.
"""

FETCHED = {
    FactNeed.BACKUPS: "the backups",
    FactNeed.USERS: "the users",
    FactNeed.DATABASES: "the databases",
    FactNeed.V2_VERSIONS: "v2's versions",
    FactNeed.V2_LOCATIONS: "v2's backup locations",
    FactNeed.V2_CLUSTER: "the cluster in v2",
    FactNeed.NAMESAKES: "other clusters with its name",
    FactNeed.PRECHECK: "the results of pgbot precheck",
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
                fetched = (FETCHED[need] for need in FactNeed if need in rule.needs)
                lines += _rule(rule, needs=", ".join(("the cluster", *fetched)))
    lines += ["", "## Clients and automation"]
    for each in scanned:
        lines += _rule(each)
    return "\n".join(lines) + "\n"


def _rule(rule: RuleDeclaration, *, needs: str = "") -> Iterator[str]:
    yield from ("", f"### {rule.id}: {escape_md(rule.title)}", "")
    yield f"- Severity: {rule.severity}"
    yield f"- Basis: {rule.basis}"
    yield f"- Source: {escape_md(rule.source)}"
    if needs:
        yield f"- Reads: {needs}"
    yield from remedy_lines(rule.remedy)
