package store

import (
	"context"

	psql "github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v2"
)

// Store holds the client, so that other files of the package can call it.
type Store struct {
	api   *psql.APIClient
	users *psql.UsersApiService
}

func New(api *psql.APIClient) *Store { return &Store{api: api, users: api.UsersApi} }

func (s *Store) Scale(ctx context.Context, id string, cores int32) error {
	request := psql.PatchClusterRequest{Properties: &psql.PatchClusterProperties{Cores: &cores}}
	_, _, err := s.api.ClustersApi.ClustersPatch(ctx, id).PatchClusterRequest(request).Execute()
	return err
}
