package main

import (
	"context"

	psql "github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v3"
)

func scale(ctx context.Context, api *psql.APIClient, id string, body psql.ClusterEnsure) error {
	_, _, err := api.ClustersApi.ClustersPut(ctx, id).ClusterEnsure(body).Execute()
	return err
}
