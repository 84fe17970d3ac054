module example.com/fleet

go 1.22

require (
	github.com/ionos-cloud/sdk-go-bundle/products/dbaas/mongo/v2 v2.1.0
	github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v2 v2.1.0
	// github.com/ionos-cloud/sdk-go-dbaas-postgres v1.1.2
)
