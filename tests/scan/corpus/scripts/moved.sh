#!/bin/sh
# ionosctl dbaas postgres cluster list
: "${HOST:=https://postgresql.de-txl.ionos.com}"
ionosctl dbaas postgres-v2 cluster list --location de/txl
ionosctl dbaas pg-v2 cluster get --cluster-id "$1" --location de/txl --ram 8
curl -H "Authorization: Bearer $TOKEN" -X PUT "$HOST/clusters/$1"
curl -u "$IONOS_USERNAME:$IONOS_PASSWORD" -X PATCH https://api.ionos.com/cloudapi/v6/datacenters/1
cat <<EOF
Usage: ionosctl dbaas postgres cluster list no longer works.
EOF
printf 'BUSY\n'
