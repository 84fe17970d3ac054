module example.com/controller

go 1.22

require (
	github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v2 v2.0.5
	github.com/ionos-cloud/sdk-go-bundle/products/dbaas/mongo/v2 v2.0.1
	github.com/ionos-cloud/sdk-go-bundle/shared v0.1.3
)
