package main

import (
	"context"
	"fmt"
	"os"

	ionos "github.com/ionos-cloud/sdk-go-dbaas-postgres"
)

func main() {
	cfg := ionos.NewConfiguration(os.Getenv("IONOS_USERNAME"), os.Getenv("IONOS_PASSWORD"), "", "")
	client := ionos.NewAPIClient(cfg)
	ram, storage := int32(4096), int32(20480)
	properties := ionos.CreateClusterProperties{
		Ram:         &ram,
		StorageSize: &storage,
	}
	request := ionos.CreateClusterRequest{Properties: &properties}
	made, response, err := client.ClustersApi.ClustersPost(context.Background()).CreateClusterRequest(request).Execute()
	if err != nil {
		panic(err)
	}
	if response.StatusCode != 200 {
		os.Exit(1)
	}
	fmt.Println(*made.Id)
	_, _ = client.RestoresApi.ClusterRestorePost(context.Background(), *made.Id).Execute()
	_, _, _ = client.LogsApi.ClusterLogsGet(context.Background(), *made.Id).Execute()
}
