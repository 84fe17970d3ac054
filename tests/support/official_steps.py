"""Steps of IONOS's Terraform provider and Ansible collection that go beyond reading an answer.

Each function gets what the simulator holds of a cluster and what its API shows of all, and returns whether
the step fails: a playbook that says of the cluster what is the case must find it, and find it unchanged.
"""

from bot.demo.cloud.records import ClusterRecord


def ansible_fails(record: ClusterRecord, listed: list[dict]) -> bool:
    """Run the comparison of the module `postgres_cluster` (7.8.0) for a playbook that describes `record`."""
    found = [one for one in listed if record.name in (one["id"], one["properties"]["displayName"])]
    if len(found) != 1:
        return True
    shown = found[0]["properties"]
    try:
        connection = shown["connections"][0]
        window = shown["maintenanceWindow"]
    except (IndexError, KeyError):
        return True
    network = record.network
    replaces = (
        shown.get("backupLocation") != record.backup_location
        or shown.get("location") != record.location
        or (network and connection["cidr"] != network.address)
    )
    return replaces or window["time"] != record.window.time


def terraform_fails(record: ClusterRecord, listed: list[dict]) -> bool:
    """Look `record` up by its name, as a data source without an id does (6.7.34)."""
    key = "displayName" if record.api == "v1" else "name"
    return len([one for one in listed if one["properties"][key] == record.name]) != 1
