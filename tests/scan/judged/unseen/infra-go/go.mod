module example.com/infra

go 1.23

require github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v2 v2.1.0

require github.com/ionos-cloud/sdk-go-bundle/products/dbaas/mongo/v2 v2.0.2
