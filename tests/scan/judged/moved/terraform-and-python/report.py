import ionoscloud_dbaas_postgres as pg


def clusters(token: str, region: str):
    configuration = pg.Configuration(token=token, host=f"https://postgresql.{region}.ionos.com")
    return pg.ClustersApi(pg.ApiClient(configuration)).clusters_get().items
