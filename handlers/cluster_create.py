"""`/pg cluster create`: a new cluster, empty or from a backup."""

from collections.abc import Mapping
from typing import Any

from bot.changes.operation import ExecutionContext, probe_new
from bot.commands.context import Context
from bot.commands.declaration import change, consequences, form_layout, form_prompt, form_suggestion
from bot.commands.form_layout import FormChoice, FormLayout, FormOption, FormPrompt, FormSection
from bot.domain.cluster import Api, Cluster
from bot.domain.cluster_properties import SWITCHES
from bot.domain.cluster_spec import NewCluster
from bot.domain.plan import Harm, Plan
from bot.domain.stored_values import adapter_of
from handlers.shared.cluster_create_plan import (
    ClusterCreateArguments,
    make_missing_user_error,
    plan_cluster,
    spell_settings,
)
from handlers.shared.cluster_defaults import NEWEST, make_template
from handlers.shared.restore_point import find_point

_FLAGS = (
    "--name {name} --version {postgres_version} --instances {instances} "
    "--cores {cores} --ram {ram_mb:gb}GB --storage-size {storage_mb:gb}GB "
    "--datacenter-id {connection.datacenter_id} --lan-id {connection.lan_id} --cidr {connection.address} "
    "[--maintenance-day {maintenance.day} --maintenance-time {maintenance.time}] "
    "[--backup-location {backup_location}] [--backup-id {from_backup.backup_id}] "
    '[--recovery-time {from_backup.target}] --db-username "$DB_USERNAME" --db-password "$DB_PASSWORD"'
)
"""Flags of ionosctl that both APIs have."""

_SWITCH_FLAGS = "".join(f" [{each.flag}={{{each.field}}}]" for each in SWITCHES)

LAYOUT: FormLayout = (
    FormSection("", ("like",)),
    FormChoice(
        label="Start with",
        options=(
            FormOption(label="An empty database"),
            FormOption(label="The data of a backup", fields=("from_backup",), extras=("to",)),
        ),
    ),
    FormChoice(
        label="Primary user",
        hint="The bot reads the password from where its reference points. Never enter a password.",
        options=(
            FormOption(label="As app.yaml says for this name"),
            FormOption(label="Choose one here", fields=("user", "password_from"), extras=("database",)),
        ),
    ),
    FormChoice(
        label="Size, network and other settings",
        options=(
            FormOption(label="As the similar cluster, else small defaults"),
            FormOption(
                label="Choose here",
                sections=(
                    FormSection("Location", ("api", "contract", "region", "version")),
                    FormSection("Size", ("instances", "cores", "ram", "storage", "storage_type")),
                    FormSection("Network", ("datacenter", "lan", "address")),
                    FormSection("Replication and connections", ("replication", "pooler")),
                    FormSection("Maintenance and backups", ("day", "time", "backup_location", "retention")),
                    FormSection("About", ("description", "logs", "metrics")),
                ),
            ),
        ),
    ),
)


async def demand_reason(values: Mapping[str, Any], ctx: Context) -> FormPrompt | None:
    """Demand a reason where policy does for a cluster of this name and place, as far as they are chosen."""
    like = await _find_similar(values, ctx)
    contracts = ctx.settings.ionos.contracts
    cluster = Cluster(
        id="",
        api=Api(values.get("api") or (like.api if like else NEWEST)),
        contract=values.get("contract") or (like.contract if like else contracts[0].name),
        region=values.get("region") or (like.region if like else ""),
        name=str(values.get("name") or "").strip(),
        state="UNKNOWN",
    )
    is_demanded = ctx.policy.asks_reason(ctx.command.name, Harm.NOTICED, cluster)
    return FormPrompt(needed=("reason",)) if is_demanded else None


async def suggest_settings(values: Mapping[str, Any], ctx: Context) -> Mapping[str, Any]:
    """Return the settings of the similar cluster, as the plan would take them over; none without one."""
    like = await _find_similar(values, ctx)
    if like is None:
        return {}
    api = Api(values["api"]) if values.get("api") in {each.value for each in Api} else like.api
    place = {"api": like.api.value, "contract": like.contract, "region": like.region}
    settings = spell_settings(make_template(like, api))
    # The address and the description are the similar cluster's own.
    taken = {name: str(each) for name, each in settings.items() if name not in {"address", "description"}}
    return place | taken | ({"day": taken["day"].lower()} if "day" in taken else {})


async def execute(plan: Plan, act: ExecutionContext) -> str:
    """Send the one request; return the id of the new cluster."""
    credentials = await act.take_credentials(plan)
    if credentials is None:
        raise make_missing_user_error(plan.target.name)
    made = await act.create(adapter_of(NewCluster).validate_python(plan.order), credentials)
    return made.id


@consequences(
    harm=Harm.NOTICED,
    loses="nothing",
    undo="delete the new cluster",
    stops=(
        "the name is taken",
        "the quota is used up",
        "the backup is from a newer PostgreSQL version",
        "app.yaml has no primary user for the new cluster",
    ),
)
@form_layout(*LAYOUT)
@form_suggestion(suggest_settings, "like", "api", "name")
@form_prompt(demand_reason)
@change(
    execute=execute,
    probe=probe_new,
    examples=(
        "cluster create orders-next --like orders-prod --version 16",
        "cluster create orders-copy --like orders-prod --from-backup 5f4d8a31-6c0e --to 2h",
    ),
    ionosctl={
        Api.V1: f"ionosctl dbaas postgres cluster create --location {{region}} {_FLAGS}"
        " [--storage-type {storage_type:upper}] --sync {replication}",
        Api.V2: f"ionosctl dbaas postgres-v2 cluster create --location {{region:place}} {_FLAGS}"
        ' --database "$DB_NAME" --sync-mode {replication} [--connection-pooler {pooler:upper}]'
        " [--description {description}]" + _SWITCH_FLAGS,
    },
)
async def cluster_create(args: ClusterCreateArguments, ctx: Context) -> Plan:
    """Create a cluster, empty or from a backup.

    Settings that you leave out are copied from --like; without it they get small defaults. The primary user
    and the reference to its password are those of the entry in app.yaml that matches the new name. Without
    one, give --user and --password-from. You never type a password.
    """
    point = await find_point(args.from_backup, args.to, ctx) if args.from_backup else None
    return await plan_cluster(args, ctx, point)


async def _find_similar(values: Mapping[str, Any], ctx: Context) -> Cluster | None:
    return await ctx.recent_cluster(str(values["like"])) if values.get("like") else None
