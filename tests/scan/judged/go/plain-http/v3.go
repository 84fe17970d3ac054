package main

import psql "github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v3"

func update(api *psql.APIClient, id string) {
	_ = api.ClustersApi.ClustersPut(nil, id)
}
