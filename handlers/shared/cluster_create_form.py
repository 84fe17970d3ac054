"""The form of a new cluster: its questions, and the values that it takes over from a similar cluster."""

from collections.abc import Mapping
from typing import Any

from bot.commands.context import Context
from bot.commands.declaration import FormPrompt
from bot.commands.form_layout import FormChoice, FormLayout, FormOption, FormSection
from bot.domain.byte_sizes import MB_PER_GB
from bot.domain.cluster import Api, Cluster
from bot.domain.cluster_properties import SWITCHES
from bot.domain.plan import Harm
from handlers.shared.cluster_create_plan import REPLICATION
from handlers.shared.cluster_defaults import NEWEST, make_template

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


async def _find_similar(values: Mapping[str, Any], ctx: Context) -> Cluster | None:
    return await ctx.recent_cluster(str(values["like"])) if values.get("like") else None


async def suggest_settings(values: Mapping[str, Any], ctx: Context) -> Mapping[str, Any]:
    """Return the settings of the similar cluster, as the plan would take them over; none without one."""
    like = await _find_similar(values, ctx)
    if like is None:
        return {}
    api = Api(values["api"]) if values.get("api") in {each.value for each in Api} else like.api
    return {
        "api": like.api.value,
        "contract": like.contract,
        "region": like.region,
        **_spell_settings(like, api),
    }


def _spell_settings(like: Cluster, api: Api) -> dict[str, Any]:
    """Return the settings that both have, in words of the command's arguments."""
    new = make_template(like, api)
    near = like.connections[0] if like.connections else None
    window = new.maintenance
    found = {
        "version": new.postgres_version,
        "instances": new.instances,
        "cores": new.cores,
        "ram": new.ram_mb and new.ram_mb // MB_PER_GB,
        "storage": new.storage_mb and new.storage_mb // MB_PER_GB,
        "storage_type": new.storage_type,
        "datacenter": near and near.datacenter_id,
        "lan": near and near.lan_id,
        "replication": next((word for word, mode in REPLICATION.items() if mode == new.replication), None),
        "pooler": new.pooler,
        "day": window and window.day and window.day.lower(),
        "time": window and window.time,
        "backup_location": new.backup_location,
        "retention": new.backup_retention_days,
    }
    switches = {each.word: getattr(new, each.field) for each in SWITCHES}
    found |= {word: "on" if value else "off" for word, value in switches.items() if value is not None}
    return {name: str(value) for name, value in found.items() if value is not None}
