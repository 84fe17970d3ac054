"""The pack's own page: what each file is for, what is blank, and what is not as it was."""

from collections.abc import Iterator

from bot.domain.cluster_properties import SWITCHES, format_value
from bot.domain.phrases import join_names
from migrations.pack.adjustments import Adjustment
from migrations.pack.placeholders import Placeholder
from migrations.pack.quoting import code, prose
from migrations.pack.target_cluster import TargetCluster
from migrations.readiness import Assessment


def render(assessment: Assessment, target: TargetCluster) -> str:
    """Return `README.md`."""
    cluster = assessment.cluster
    changed = cluster.modified_at.isoformat() if cluster.modified_at else "an unknown time"
    return _README.format(
        name=code(cluster.name),
        id=code(cluster.id),
        changed=changed,
        verdict=assessment.readiness.value,
        basis="what v2 shows of it" if target.is_of_v2 else "what v1 shows of it",
        blanks="\n".join(_blanks(target)),
        fitted="\n".join(_fitted(target)),
        kept=target.new.backup_retention_days,
        switches=_switches(target),
    )


def _blanks(target: TargetCluster) -> Iterator[str]:
    yield from (_blank(each) for each in target.blanks)
    yield "- The name of your v1 resource in Terraform: the `removed` block of `main.tf`."
    yield "- The passwords of all other users: the end of `users_and_databases.sql` asks for them."
    yield "- Which clients and networks reach the cluster, and which of them name its host or address."


def _blank(blank: Placeholder) -> str:
    rule = f" ({blank.rule})" if blank.rule else ""
    offers = f" One of: {', '.join(code(each) for each in blank.offers)}." if blank.offers else ""
    return f"- `{blank.name}`: {blank.ask}. {prose(blank.why)}{rule}.{offers}"


def _fitted(target: TargetCluster) -> Iterator[str]:
    if not target.fitted:
        yield "Nothing: v2 takes every value as it is."
    yield from (_changed(each) for each in target.fitted)


def _switches(target: TargetCluster) -> str:
    states = (
        f"{each.word.replace('_', ' ')} {'are' if each.word.endswith('s') else 'is'} "
        f"{format_value(each.field, getattr(target.new, each.field))}"
        for each in SWITCHES
    )
    text = join_names(states)
    return text[0].upper() + text[1:]


def _changed(fitted: Adjustment) -> str:
    return (
        f"- The {fitted.what}: {code(fitted.before)} became {code(fitted.after)}. "
        f"{prose(fitted.why)} ({fitted.rule})."
    )


_README = """\
# {name}: from v1 to v2

Cluster {id}, as it was after its last change at {changed}; verdict: {verdict}. The values are {basis}.
There is no secret in these files.

| file | for |
|---|---|
| `STEPS.md` | what to do, in order: begin here |
| `body.json` | the request body of a new v2 cluster; while the old one runs it needs another address |
| `main.tf` | Terraform that adopts the cluster on the day on which v2 shows it |
| `ionosctl.sh` | looks at both sides; with `create` it makes a new cluster |
| `users_and_databases.sql` | makes users and databases again on a new cluster |

## Values that only people know

They stand as `<V2_...>` in `body.json` and as variables in `main.tf` (`v2_...`), and `ionosctl.sh` takes them
from the environment. v2 refuses `body.json` until they are filled in.

{blanks}

## Changed, because v2 does not take it

{fitted}

## Chosen, because v1 does not say it

- Backups are kept for {kept} days; v1 keeps them for 7, v2 takes 1 to 365 (PGR051).
- {switches}: v2's default is off, and v2 has no logs endpoint.
- The storage type is gone: v2 has none (PGR060).
"""
