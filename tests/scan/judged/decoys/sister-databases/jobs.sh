#!/bin/sh
ionosctl dbaas mariadb cluster list
ionosctl dbaas mongo cluster update --cluster-id "$1" --ram 4096
ionosctl dbaas in-memory-db replicaset list
curl -u "$U:$P" -X PATCH https://api.ionos.com/databases/mongodb/clusters/1
curl https://mariadb.de-txl.ionos.com/clusters
