module example.com/sisters

require (
	github.com/ionos-cloud/sdk-go-bundle/products/dbaas/mariadb/v2 v2.0.0
	github.com/ionos-cloud/sdk-go-dbaas-mongo v1.3.1
)
