package store

import "context"

func (s *Store) Users(ctx context.Context, id string) (int, error) {
	list, _, err := s.users.UsersList(ctx, id).Execute()
	if err != nil {
		return 0, err
	}
	return len(list.Items), nil
}

func (s *Store) Databases(ctx context.Context, id string) error {
	_, _, err := s.api.DatabasesApi.DatabasesList(ctx, id).Execute()
	return err
}

func (s *Store) Ready(ctx context.Context, id string) (bool, error) {
	cluster, _, err := s.api.ClustersApi.ClustersFindById(ctx, id).Execute()
	if err != nil || cluster.Metadata == nil {
		return false, err
	}
	return *cluster.Metadata.State != "BUSY", nil
}
