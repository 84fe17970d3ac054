#!/bin/sh
cluster=$(ionosctl dbaas postgres cluster create \
  --datacenter-id "$DC" --lan-id 2 --cidr 10.7.221.4/24 \
  --name orders-prod --ram 4096 --storage-size=20480 \
  --db-username orders --db-password "Canary-Password-8" -o json | jq -r .id)
ionosctl dbaas postgres cluster update --cluster-id "$cluster" --ram 8GB
ionosctl dbaas postgresql database create -i "$cluster" --name app
curl -X POST -d @- https://api.ionos.com/databases/postgresql/clusters/$cluster/databases <<EOF
{"properties": {"name": "app", "owner": "orders"}}
EOF
next=$(curl -s -H "Authorization: Basic Y2FuYXJ5OmNhbmFyeQ==" "https://api.ionos.com/databases/postgresql/clusters" | jq -r ._links.next)
curl -s "https://api.ionos.com/databases/postgresql/clusters/46c151c7-55f8-42a4-86c3-06ad6b4b91ea" > /dev/null
curl -s "https://user:Canary-Password-9@api.ionos.com/databases/postgresql/clusters/backups"
