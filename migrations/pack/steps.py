"""The steps of a cluster's move in order: who, when, what to check, how to go back, and what has no way back.

Sources: v1-v2-mapping, sections 1 and 4; the provider's guide for moving to `ionoscloud_pg_cluster_v2`.
"""

import re
from collections.abc import Iterator

from bot.domain.cluster import Cluster
from migrations.formats.remedies import fill_remedy
from migrations.pack.quoting import block, code, prose, shell
from migrations.pack.target_cluster import TargetCluster
from migrations.readiness import Assessment, Finding
from migrations.rule import Severity

_SIMPLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def render(assessment: Assessment, target: TargetCluster) -> str:
    """Return `STEPS.md`."""
    cluster = assessment.cluster
    words = {
        "name": code(cluster.name),
        "id": code(cluster.id),
        "called": name_in_command(cluster),
        "owner": code(assessment.owner) if assessment.owner else "its owner (none is named in app.yaml)",
        "window": _window(cluster),
        "stand": prose(f"{assessment.presence.state.value} ({assessment.presence.how})"),
        "host": f"https://postgresql.{target.new.region.replace('/', '-') or '<V2_REGION>'}.ionos.com",
        "before": "\n".join(_before(assessment)),
    }
    return _STEPS.format(**words)


def name_in_command(cluster: Cluster) -> str:
    """Return how a command names the cluster: by its name, or by its id where the name would need quoting."""
    return cluster.name if _SIMPLE.fullmatch(cluster.name) else shell(cluster.id)


def _window(cluster: Cluster) -> str:
    if cluster.maintenance is None:
        return "none is set: choose one first"
    return f"{code(str(cluster.maintenance))}, four hours"


def _before(assessment: Assessment) -> Iterator[str]:
    requested = (Severity.BLOCKER, Severity.ACTION)
    findings = [each for each in assessment.findings if each.severity in requested]
    if not findings:
        yield "Nothing: no rule that could be checked demands a change of the cluster.\n"
    for finding in findings:
        yield from _task(finding, assessment.cluster)
    if assessment.questions:
        yield "Questions that no rule could answer:\n"
        for question in assessment.questions:
            yield f"- {question.rule.id}: {prose(question.ask or question.why)}"
        yield ""


def _task(finding: Finding, cluster: Cluster) -> Iterator[str]:
    rule = finding.rule
    yield f"- **{rule.id}** ({finding.severity.value}, {rule.basis.value}): {prose(rule.title)}."
    seen = ", ".join(f"{code(each.field)} is {code(each.value)}" for each in finding.evidence)
    yield f"  Seen: {seen}. {prose(rule.remedy.text)}"
    if finding.waiver is not None:
        until = finding.waiver.until.date().isoformat()
        yield f"  Waived until {until} by {code(finding.waiver.owner)}: {prose(finding.waiver.reason)}"
    remedy = fill_remedy(rule.remedy, cluster, by_id=name_in_command(cluster) != cluster.name)
    for text, language in ((remedy.command, ""), (remedy.ionosctl, "sh"), (remedy.sql, "sql")):
        if text:
            yield "\n" + block(text, language)
    yield ""


_STEPS = """\
# Steps for {name}

Cluster {id}; responsible: {owner}; where it stands: {stand}.
Maintenance window: {window}.

IONOS has announced that it moves every v1 cluster to v2 by itself. When, for how long, and whether it waits
for the maintenance window is not known. So the usual way is A: get ready, wait, compare, adopt. Way B makes a
new cluster beside the old one, for when A cannot be waited for or v2 cannot express the cluster.

## 1. Before either way (owner; now)

{before}
Changes that restart PostgreSQL or fail over (RAM, cores, version, replication) belong in the maintenance
window. Way back: change the value again. No way back: storage does not shrink, a major does not go down.

## 2. Save what v1 alone has (owner; now)

- Logs: v1 keeps 30 days and v2 has no logs endpoint. Save those that you need.
- Users and databases: `users_and_databases.sql` has what v1 lists; `sh ionosctl.sh` shows it again.
- Terraform: `terraform state pull > state.backup.json`
- Values that only people know: fill in the list in `README.md`, and keep passwords where your secrets are.

This changes nothing, so it needs no way back.

## 3. Way A: IONOS moves the cluster

1. **Wait** (nobody). `/pg migration show {called}` says whether v2 shows the cluster.
   Being visible there does not prove that it has moved. There is no way back: the move is IONOS's.
2. **Compare** (owner; the day it appears). The same command lists every difference between the two sides.
   Ask IONOS's support about each that is not expected before you go on.
3. **Check as a client** (owner). Resolve the host name, connect to port 5432 (and to the pooler's, if it is
   on), write and read back a row, look at the replication and at the age of the newest backup.
4. **Adopt it in Terraform** (the code's owner; not in the window). Put `main.tf` beside your code, name
   your own resource in it, then run `terraform plan`. It must say: 1 to import, 0 to add, 0 to destroy, the
   old resource no longer managed, and nothing to change but the credentials. Applying sends these, which SETS
   the primary user's password. Way back: revert the code, then `terraform state push state.backup.json`. A
   password that was set stays set.
5. **Move tools and scripts** (owners of the clients). `pgbot scan PATH` lists what still speaks v1. Way back,
   as long as v1 answers: revert. When v1 stops answering is not known.

## 4. Way B: a new cluster beside the old one

1. **Make it** (owner; any time; it is paid for, and the contract's limits must allow for both). Give it an
   address of its own: the old one keeps its address until it is gone. Fill in `body.json`, then run

   ```sh
   curl --fail-with-body -H "Authorization: Bearer $IONOS_TOKEN" -H 'Content-Type: application/json' \\
     --data @body.json {host}/clusters
   ```

   or `sh ionosctl.sh create`. Way back: delete the NEW cluster.
2. **Users and databases** (owner). Run `users_and_databases.sql` on it. Way back: delete the NEW cluster.
3. **Rehearse** (owner). Copy with `pg_dump` and `pg_restore`, time it, and check counts and extensions.
4. **Switch** (owner and the owners of the clients; in the maintenance window; the rehearsal's duration is the
   downtime). Stop writes, copy, compare counts, let clients use the new host name, allow writes. Way back
   until writes are allowed: use the old host name. What is written after that is on the new cluster only.
5. **Delete the old cluster** (owner; after days of quiet). No way back: its backups stay for a while only.

## No way back

- A major upgrade, and storage that has grown.
- A password that was set: by a PUT, by Terraform, by `\\password`.
- IONOS's own move, and the day on which v1 stops answering.
- A deleted cluster.
"""
