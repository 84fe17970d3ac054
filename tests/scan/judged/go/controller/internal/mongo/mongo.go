package mongo

import (
	"context"

	mongo "github.com/ionos-cloud/sdk-go-bundle/products/dbaas/mongo/v2"
)

type Store struct{ api *mongo.APIClient }

func (s *Store) Patch(ctx context.Context, id string) error {
	_, _, err := s.api.ClustersApi.ClustersPatch(ctx, id).Execute()
	_, _, _ = s.api.UsersApi.ClustersUsersGet(ctx, id).Execute()
	return err
}
