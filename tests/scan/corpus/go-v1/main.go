// Package main uses github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v2.
package main

import (
	"context"

	psql "github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v2"
	"github.com/ionos-cloud/sdk-go-bundle/shared"
)

func main() {
	configuration := shared.NewConfiguration("user", "Canary-Password-7", "", "")
	client := psql.NewAPIClient(configuration)
	ram := int32(8192)
	properties := psql.PatchClusterProperties{Ram: &ram}
	// client.ClustersApi.ClustersPatch(ctx, id)
	_, _, _ = client.ClustersApi.ClustersPatch(context.TODO(), "46c151c7-55f8-42a4-86c3-06ad6b4b91ea").Execute()
	properties.SetStorageSize(20480)
	cluster, _, _ := client.ClustersApi.ClustersFindById(context.TODO(), "id").Execute()
	if *cluster.Metadata.State == "BUSY" {
		return
	}
	_, _, _ = client.UsersApi.UsersList(context.TODO(), "id").Execute()
	_, _, _ = client.LogsApi.ClusterLogsGet(context.TODO(), "id").Execute()
	_, _ = client.RestoresApi.ClusterRestorePost(context.TODO(), "id").Execute()
}
