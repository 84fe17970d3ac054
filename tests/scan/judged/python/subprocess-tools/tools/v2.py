from ionoscloud_dbaas_postgres_next import ClustersApi


def create(api: ClustersApi) -> None:
    api.clusters_post({"properties": {"name": "billing-prod", "instances": {"ram": 4}}})
