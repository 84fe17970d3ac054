module example.com/plain

go 1.22

require github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v3 v3.1.0
