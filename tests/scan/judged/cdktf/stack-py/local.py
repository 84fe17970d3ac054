from myteam.models import PgCluster


def describe(cluster: PgCluster) -> str:
    return f"{cluster.name}: {cluster.ram} GB"
