package main

import (
	"fmt"

	psql "github.com/ionos-cloud/sdk-go-bundle/products/dbaas/psql/v3"
)

/* ClustersPatch is gone, and so is "BUSY". */
func main() {
	fmt.Println(psql.Version, "BUSY", "https://postgresql.de-txl.ionos.com")
}
