#!/bin/bash
# Servers have a state BUSY as well.
base=https://api.ionos.com/cloudapi/v6
state=$(curl -s -u "$IONOS_USERNAME:$IONOS_PASSWORD" "$base/datacenters/$1" | jq -r .metadata.state)
[ "$state" = BUSY ] && exit 75
curl -s -X PATCH "$base/datacenters/$1" -H "X-Contract-Number: 1" -d '{"name":"x"}'
