"""The pack's own page: its files, what the check found, what is blank, and what is not as on v1."""

from collections.abc import Iterator

from bot.domain.cluster_properties import SWITCHES, format_value
from bot.domain.phrases import join_names
from migrations.pack.placeholders import Placeholder, Reason
from migrations.pack.quoting import code, prose
from migrations.pack.target_cluster import TargetCluster
from migrations.pack.terraform import PROVIDER_VERSION, TERRAFORM_VERSION
from migrations.readiness import Assessment, Finding
from migrations.rule import Severity

REQUESTED = (Severity.BLOCKER, Severity.ACTION)
"""Severities of findings that somebody has to act on."""


def render(assessment: Assessment, target: TargetCluster) -> str:
    """Return `README.md`."""
    cluster = assessment.cluster
    changed = cluster.modified_at.isoformat() if cluster.modified_at else "an unknown time"
    return _README.format(
        name=code(cluster.name),
        id=code(cluster.id),
        changed=changed,
        verdict=assessment.readiness.value,
        basis="v2" if target.is_of_v2 else "v1",
        terraform=TERRAFORM_VERSION,
        provider=PROVIDER_VERSION,
        found="\n".join(_found(assessment, target)),
        unchecked="".join(f"{each}\n" for each in _unchecked(assessment, target)),
        blanks="\n".join(map(_blank, target.blanks)),
        changes="\n".join(_changes(assessment, target)),
    )


def _found(assessment: Assessment, target: TargetCluster) -> Iterator[str]:
    fitted = (reason for each in target.fitted for reason in each.reasons)
    blank = (each.reason for each in target.blanks if each.reason and not each.reason.is_inconclusive)
    named = {each.rule.id for each in (*fitted, *blank)}
    seen = [
        each for each in assessment.findings if each.severity is not Severity.INFO or each.rule.id in named
    ]
    if not any(each.severity in REQUESTED for each in seen):
        yield "- No blocker, and no required action."
    yield from map(_finding, seen)


def _finding(finding: Finding) -> str:
    waived = f" Waived until {finding.waiver.until.date().isoformat()}." if finding.waiver else ""
    return f"- **{finding.rule.id}** ({finding.severity.value}): {prose(finding.rule.title)}.{waived}"


def _unchecked(assessment: Assessment, target: TargetCluster) -> Iterator[str]:
    blanks = [each.reason.rule.id for each in target.blanks if each.reason]
    kept = {each.reason.rule.id: f" The {each.what} {code(each.value)} is kept." for each in target.unchecked}
    missing = [
        each
        for each in assessment.questions
        if not each.ask and (each.is_decisive or each.rule.id in kept or each.rule.id in blanks)
    ]
    if missing:
        yield "\nCould not be checked, because data is missing:\n"
    for each in missing:
        yield f"- {each.rule.id}: {prose(each.why)}.{kept.get(each.rule.id, '')}"


def _blank(blank: Placeholder) -> str:
    offers = f" On offer: {', '.join(code(each) for each in blank.offers)}." if blank.offers else ""
    reason = blank.reason
    if reason is None or reason.text == reason.rule.title:
        # The list of findings has the title.
        return f"- `{blank.name}`: {blank.ask}{f' ({reason.rule.id})' if reason else ''}.{offers}"
    return f"- `{blank.name}`: {blank.ask}.{offers}{_because(reason)}"


def _because(reason: Reason) -> str:
    unknown = "Not known: " if reason.is_inconclusive else ""
    return f" {unknown}{prose(reason.text)} ({reason.rule.id})."


def _changes(assessment: Assessment, target: TargetCluster) -> Iterator[str]:
    for each in target.fitted:
        rules = join_names(reason.rule.id for reason in each.reasons)
        yield f"- The {each.what} is {code(each.after)}, on v1 {code(each.before)} ({rules})."
    if target.is_of_v2:
        yield "- All other values are the ones that v2 shows."
        return
    days = target.new.backup_retention_days
    yield f"- Backups are kept for {days} days, as on v1. You can choose 1 to 365 (PGR051)."
    yield f"- {_switches(target)}, which is v2's default."
    if any(each.rule.id == "PGR060" for each in assessment.findings):
        yield "- The storage type is left out: v2 has none (PGR060)."


def _switches(target: TargetCluster) -> str:
    states = (
        f"{each.word.replace('_', ' ')} {'are' if each.word.endswith('s') else 'is'} "
        f"{format_value(each.field, getattr(target.new, each.field))}"
        for each in SWITCHES
    )
    text = join_names(states)
    return text[0].upper() + text[1:]


_README = """\
# {name}: from v1 to v2

Cluster {id}, last changed at {changed}. Verdict: {verdict}. The values are the ones that {basis} shows.
No file here holds a secret. Begin with `STEPS.md`.

| file | use |
|---|---|
| `STEPS.md` | both ways: what to do, in order |
| `adopt_v2.tf` | way A: lets Terraform take over the cluster once v2 shows it |
| `provider_v2.tf` | way A: Terraform {terraform} and provider {provider}, or newer |
| `body.json` | way B: the request body of a new v2 cluster |
| `ionosctl.sh` | shows the cluster on v1 and v2; with `create`, makes a new v2 cluster (way B) |
| `precheck.sql` | step 2: finds what a move or an upgrade would break inside a database |
| `aftercheck.sql` | before and after the move: what is in a database, and how much |
| `users_and_databases.sql` | way B: creates the users and databases on the new cluster |

## What the check found

{found}
{unchecked}
## Values to fill in

`body.json` has them as `<V2_...>`, and `adopt_v2.tf` as variables (`v2_...`). `ionosctl.sh` reads them from
the environment. v2 refuses `body.json` until they are filled in.

{blanks}

## Values that differ from v1

{changes}
"""
