package pg

import (
	"context"
	"os"

	"github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v2"
	"github.com/ionos-cloud/sdk-go-bundle/shared"
)

type Client struct{ *psql.APIClient }

func New() *Client {
	cfg := shared.NewConfiguration(os.Getenv("IONOS_USERNAME"), os.Getenv("IONOS_PASSWORD"), "", "")
	return &Client{psql.NewAPIClient(cfg)}
}

func (c *Client) Grow(ctx context.Context, id string, gb int32) error {
	size := gb * 1024
	props := psql.PatchClusterProperties{StorageSize: &size}
	_, _, err := c.ClustersApi.ClustersPatch(ctx, id).
		PatchClusterRequest(psql.PatchClusterRequest{Properties: &props}).
		Execute()
	return err
}
