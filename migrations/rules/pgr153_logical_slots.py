"""Logical replication slots exist.

Source: PostgreSQL documentation, logical decoding: a slot belongs to its server; pg_upgrade keeps slots
only from 17 on.
"""

from migrations.precheck.database_documents import PartItem
from migrations.precheck.part_verdict import PartRule
from migrations.rule import Basis, Remedy, Severity


def _describe(item: PartItem) -> str:
    state = "in use" if item.values.get("active") is True else "not in use"
    return f"{item.text('name')} ({item.text('plugin')}) in database {item.text('database')}, {state}"


rule = PartRule(
    module=__name__,
    title="Logical replication slots do not move with the cluster",
    severity=Severity.BLOCKER,
    basis=Basis.INFERRED,
    source="PostgreSQL manual, pg_upgrade: slots of servers before 17 are not kept",
    remedy=Remedy(
        text=(
            "When the consumer has read everything, stop it and drop the slot. Create the slot again on "
            "the new cluster."
        ),
        sql=(
            "SELECT slot_name, plugin, database, active FROM pg_replication_slots WHERE slot_type "
            "= 'logical';\n"
            "-- For each that is no longer read: SELECT pg_drop_replication_slot('its name');"
        ),
    ),
    part="logical_slots",
    shows=_describe,
)
