PLATFORMS = ["ios", "visionos", "tvos"]
REGIONOS = {"regionos": "postgresql", "visionos": "databases/postgresql"}
PG_CLUSTER = "my_ionoscloud_pg_cluster_module"


def visionos_pg_cluster(ram: int = 4096, storage_size: int = 20480) -> dict:
    return {"state": "BUSY", "ram": ram, "storageSize": storage_size}
