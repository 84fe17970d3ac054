"""The pack's own page: its files, what the check found, what is blank, and what is not as on v1."""

from collections.abc import Iterator

from bot.domain.cluster_properties import SWITCHES, format_value
from bot.domain.phrases import capitalize_first, join_names
from migrations.pack.placeholders import Blank
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
        to_fill_in="\n".join(map(_blank, target.blanks)),
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
        yield "- No blockers, and no required actions."
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
        yield ("\nInconclusive, because data is missing:\n")
    for each in missing:
        yield f"- {each.rule.id}: {prose(each.why)}.{kept.get(each.rule.id, '')}"


def _blank(blank: Blank) -> str:
    offers = f" Available: {', '.join(code(each) for each in blank.offers)}." if blank.offers else ""
    reason = blank.reason
    if reason is None or reason.text == reason.rule.title:
        # The list of findings has the title.
        return f"- `{blank.name}`: {blank.ask}{f' ({reason.rule.id})' if reason else ''}.{offers}"
    unknown = "Inconclusive: " if reason.is_inconclusive else ""
    return f"- `{blank.name}`: {blank.ask}.{offers} {unknown}{prose(reason.text)} ({reason.rule.id})."


def _changes(assessment: Assessment, target: TargetCluster) -> Iterator[str]:
    for each in target.fitted:
        rules = join_names(reason.rule.id for reason in each.reasons)
        yield f"- The {each.what} is {code(each.after)}; in v1 it is {code(each.before)} ({rules})."
    if target.is_of_v2:
        yield "- All other values are as v2 shows them."
        return
    days = target.new.backup_retention_days
    yield f"- Backups are kept for {days} days, as in v1. You can choose 1 to 365 (PGR051)."
    yield f"- {_switches(target)}, which is v2's default."
    if any(each.rule.id == "PGR060" for each in assessment.findings):
        yield "- The storage type is left out, because v2 has no such setting (PGR060)."


def _switches(target: TargetCluster) -> str:
    states = (
        f"{each.word.replace('_', ' ')} {'are' if each.word.endswith('s') else 'is'} "
        f"{format_value(each.field, getattr(target.new, each.field))}"
        for each in SWITCHES
    )
    return capitalize_first(join_names(states))


_README = """\
# {name}: from v1 to v2

Cluster {id}, last changed at {changed}. Verdict: {verdict}. The values are from {basis}.
No file here contains a secret. Start with `STEPS.md`.

| file | use |
|---|---|
| `STEPS.md` | both ways: the steps, in order |
| `adopt_v2.tf` | way A: lets Terraform adopt the cluster once v2 shows it |
| `provider_v2.tf` | way A: requires Terraform {terraform} and provider {provider}, or newer |
| `body.json` | way B: the request body of a new v2 cluster |
| `ionosctl.sh` | shows the cluster in v1 and v2; with `create`, creates a new v2 cluster (way B) |
| `precheck.sql` | step 2: finds what a move or an upgrade would break in a database |
| `aftercheck.sql` | before and after the move: lists and counts the contents of a database |
| `users_and_databases.sql` | way B: creates the users and databases on the new cluster |

## What the check found

{found}
{unchecked}
## Values to fill in

They are `<V2_...>` in `body.json` and variables (`v2_...`) in `adopt_v2.tf`. `ionosctl.sh` reads them from
the environment. v2 refuses `body.json` until you fill them in.

{to_fill_in}

## Values that differ from v1

{changes}
"""
