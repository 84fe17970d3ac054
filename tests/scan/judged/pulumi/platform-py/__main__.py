"""Clusters of the platform. PSQLCluster takes MB."""

import pulumi
import pulumi_ionoscloud as ionoscloud
from pulumi_ionoscloud.dbaas import PSQLDatabase

config = pulumi.Config()

analytics = ionoscloud.dbaas.PSQLCluster(
    "analytics",
    display_name="analytics-eu",
    postgres_version="15",
    cores=8,
    ram=16384,
    storage_size=config.require_int("storage_gb") * 1024,
)

events = PSQLDatabase("events", cluster_id=analytics.id, name="events", owner="loader")

# old = ionoscloud.dbaas.PSQLCluster("old", ram=2048)
server = ionoscloud.compute.Server("worker", cores=2, ram=4096)
later = ionoscloud.dbaas.PSQLClusterV2("later", name="later", instances={"count": 1, "ram": 4})
pulumi.export("host", analytics.dns_name)
