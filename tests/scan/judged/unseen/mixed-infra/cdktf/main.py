from imports.ionoscloud.pg_cluster import PgCluster
from imports.ionoscloud.mongo_cluster import MongoCluster


def build(stack):
    MongoCluster(stack, "m", display_name="m", ram=4096)
    return PgCluster(stack, "orders", display_name="orders-prod", ram=4096)
