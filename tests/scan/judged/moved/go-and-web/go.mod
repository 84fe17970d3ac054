module example.com/moved

require github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v3 v3.1.0
