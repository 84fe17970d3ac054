"""`/pg cluster create`: a new cluster, empty or from a backup."""

from bot.changes.operation import ExecutionContext, probe_new
from bot.commands.context import Context
from bot.commands.declaration import change, consequences, form_layout, form_prompt, form_suggestion
from bot.domain.cluster import Api
from bot.domain.cluster_properties import SWITCHES
from bot.domain.cluster_spec import NewCluster
from bot.domain.plan import Harm, Plan
from bot.domain.stored_values import adapter_of
from handlers.shared.cluster_create_arguments import ClusterCreateArguments
from handlers.shared.cluster_create_form import LAYOUT, demand_reason, suggest_settings
from handlers.shared.cluster_create_plan import make_missing_user_error, plan_cluster
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
