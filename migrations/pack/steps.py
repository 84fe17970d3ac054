"""The steps of a cluster's move in order: owner, time, checks, the way back, and where there is none.

Sources: v1-v2-mapping, sections 1 and 4; the provider's guide for moving to `ionoscloud_pg_cluster_v2`.
"""

import re
from collections.abc import Iterator

from bot.domain.cluster import Cluster
from migrations.facts import ASK_FOR_PRECHECK
from migrations.formats.contents import fill_remedy
from migrations.pack.placeholders import HOST
from migrations.pack.quoting import block, code, prose, shell
from migrations.pack.readme import REQUESTED
from migrations.pack.target_cluster import TargetCluster
from migrations.readiness import Assessment, Finding

_SIMPLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ASKED_ELSEWHERE = frozenset({"PGR051", "PGR107", "PGR140"})
"""Questions that README.md or a later step puts: retention, password, room for a second cluster."""


def render(assessment: Assessment, target: TargetCluster) -> str:
    """Return `STEPS.md`."""
    cluster = assessment.cluster
    words = {
        "name": code(cluster.name),
        "id": code(cluster.id),
        "called": name_in_command(cluster),
        "owner": code(assessment.owner) if assessment.owner else "not named in app.yaml",
        "window": f"{code(str(cluster.maintenance))}, four hours" if cluster.maintenance else "not set",
        "presence": prose(f"{assessment.presence.state.value} ({assessment.presence.how})"),
        "host": _host(target),
        "before": "\n".join(_before(assessment)),
        "backup_ids": _BACKUP_IDS if _is_found("PGR053", assessment) else "",
        "expected": "\n".join(_expected(assessment, target)),
        "room": "".join(f" {prose(each.ask)}" for each in assessment.questions if each.rule.id == "PGR140"),
    }
    return _STEPS.format(**words)


def name_in_command(cluster: Cluster) -> str:
    """Return how a command names the cluster: by its name, or by its id where the name would need quoting."""
    return cluster.name if _SIMPLE.fullmatch(cluster.name) else shell(cluster.id)


def _host(target: TargetCluster) -> str:
    if any(each.name == HOST.name for each in target.blanks):
        return f'"https://${{{HOST.name}:?{HOST.ask}}}/clusters"'
    return f"https://postgresql.{target.new.region.replace('/', '-')}.ionos.com/clusters"


def _before(assessment: Assessment) -> Iterator[str]:
    findings = [each for each in assessment.findings if each.severity in REQUESTED]
    if not findings:
        yield "Nothing to do: the check found no blockers and no required actions.\n"
    for finding in findings:
        yield from _task(finding, assessment.cluster)
    missing = [each for each in assessment.questions if each.is_decisive]
    if missing:
        yield "Inconclusive, because data is missing. Check again before you rely on this list:\n"
        yield from (f"- {each.rule.id}: {prose(each.why)}" for each in missing)
        yield ""
    elsewhere = (*_ASKED_ELSEWHERE, ASK_FOR_PRECHECK)
    asked = [
        each
        for each in assessment.questions
        if each.ask and each.rule.id not in elsewhere and each.ask not in elsewhere
    ]
    if asked:
        yield "Questions for the owner:\n"
        yield from (f"- {each.rule.id}: {prose(each.ask)}" for each in asked)
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


def _is_found(rule_id: str, assessment: Assessment) -> bool:
    return any(each.rule.id == rule_id for each in assessment.findings)


def _expected(assessment: Assessment, target: TargetCluster) -> Iterator[str]:
    """Yield what v2 should show of the cluster after the move, one property a line."""
    cluster, new, window = assessment.cluster, target.new, target.new.maintenance
    host = code(cluster.dns_name) if cluster.dns_name else "missing from v1's response"
    pooler = _POOLER_PORT if _is_found("PGR070", assessment) else ""
    yield f"   - DNS name: {host}. In v2 it is in `metadata.dnsName`. If it differs, change the clients."
    yield f"   - Port: 5432.{pooler}"
    for what, path, value in (
        ("Replication mode", "replicationMode", new.replication),
        ("Connection pooler", "connectionPooler", (new.pooler or "").upper()),
        ("Maintenance day", "maintenanceWindow.dayOfTheWeek", window and window.day),
        ("Maintenance time in UTC, as HH:MM:SS", "maintenanceWindow.time", window and window.time),
        ("Backup location", "backup.location", new.backup_location),
    ):
        blank = target.blank(path)
        if blank is not None and blank.reason is not None:
            yield f"   - {what}: unknown ({blank.reason.rule.id})."
        else:
            yield f"   - {what}: {code(value or '')}."


_BACKUP_IDS = """\
- Backup ids: v2 does not accept v1's. Remove them from runbooks and scripts. Look the ids up in
  v2 when you need them (PGR053).
"""
_POOLER_PORT = (
    " The pooler is on. It uses 6432 in v1; the port in v2 is not documented, so test it first (PGR070)."
)

_STEPS = """\
# Steps for {name}

Cluster {id}. Owner: {owner}. In v2: {presence}.
Maintenance window: {window}.

IONOS has announced that it moves every v1 cluster to v2. It has not said when, for how long, or whether it
uses the maintenance window. Do steps 1 and 2 now. Then choose one way:

- **A: IONOS moves the cluster.** You wait, compare, and let Terraform adopt it. This is the usual way.
- **B: You create a new cluster** and copy the data. Choose it if you can't wait, or if a blocker remains.

## 1. Change the old cluster (owner)

{before}
Change RAM, cores, version and replication in the maintenance window: they restart PostgreSQL or fail over.
To undo, change the value back. You cannot undo two of them: storage never shrinks, and a version never goes
down.

## 2. Prepare (owner; changes nothing)

- Values: fill in the list in `README.md`. Keep passwords in your secret store.
- Logs: v1 keeps logs for 30 days, and v2 has no logs endpoint. Save what you need with
  `/pg log show {called}`.
{backup_ids}- Clients: list who connects, with host name and port. `pgbot scan PATH` lists code that calls v1.
- Databases: run `psql -XqAt -d DATABASE -f precheck.sql > DATABASE.json` on each database. List the files
  under `migration.evidence`, then create the pack again so that the check reads them. Run `aftercheck.sql`
  the same way and keep its files for step 3. `pgbot precheck` does both for all databases.
- Terraform: `terraform state pull > state.backup.json`

## 3. Way A: IONOS moves the cluster

1. **Wait.** `/pg migration show {called}` says whether v2 shows the cluster. Being visible there does not
   prove that the move is finished. You cannot undo the move.
2. **Compare** (owner; on that day). The same command lists every difference. Ask IONOS support about each
   one before you continue. v2 should show:

{expected}

3. **Check as a client** (owner). Resolve the DNS name and connect. Write a row and read it back. Check the
   replication and the age of the newest backup. Run `aftercheck.sql`, then
   `pgbot precheck --compare BEFORE.json AFTER.json`. Rows may differ; roles, grants and extensions must not.
4. **Adopt it in Terraform** (owner of the code). If v1 still shows the cluster, create the pack again, so
   that it has v2's values; otherwise use this one. Put `adopt_v2.tf` and `provider_v2.tf` beside your code.
   Follow the comments in `adopt_v2.tf`, which say what `terraform plan` must show. Applying SETS the primary
   user's password to `V2_PASSWORD`. To undo, revert the code, then run
   `terraform state push state.backup.json`. The new password stays.
5. **Change tools and scripts** (owners of the clients), as listed by `pgbot scan PATH`. To undo, revert them.
   That works only while v1 still responds, and its end date is unknown. v2 has no endpoint for users and
   databases: use SQL.

## 4. Way B: a new cluster beside the old one

1. **Create it** (owner).{room} You pay for both clusters.
   The old cluster keeps its address, so give the new one its own. Put it and the other values into
   `body.json`, then run

   ```sh
   curl --fail-with-body -H "Authorization: Bearer $IONOS_TOKEN" -H 'Content-Type: application/json' \\
     --data @body.json {host}
   ```

   Or run `sh ionosctl.sh create`. To undo, delete the NEW cluster.
2. **Create users and databases** (owner). Run `users_and_databases.sql` on the new cluster; it asks for each
   password. To undo, delete the NEW cluster.
3. **Rehearse** (owner). Copy with `pg_dump` and `pg_restore`, and measure the time: that is the downtime. To
   undo, delete the NEW cluster.
4. **Switch** (owner, with the owners of the clients; in the maintenance window). Stop writes and copy. Run
   `aftercheck.sql` on both clusters and compare: `pgbot precheck --compare OLD.json NEW.json`. Then point
   clients to the new DNS name, and allow writes. To undo before that, go back to the old DNS name. Anything
   written later exists only on the new cluster.
5. **Adopt it in Terraform** (owner of the code). As in way A, step 4, with the new cluster's id and address
   in `adopt_v2.tf`.
6. **Delete the old cluster** (owner; after some quiet days). You cannot undo this. You can only restore the
   cluster from its backups, for a limited time.
"""
