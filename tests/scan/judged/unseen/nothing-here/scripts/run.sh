#!/bin/sh
ionosctl dbaas mongo user list --cluster-id "$1"
ionosctl dbaas postgres-v2 backup list
echo "ionosctl dbaas postgres cluster list"
curl -u "$A:$B" -X PATCH https://api.ionos.com/cloudapi/v6/datacenters/1
