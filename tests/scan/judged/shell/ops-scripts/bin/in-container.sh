#!/bin/sh
docker run --rm -e IONOS_TOKEN ghcr.io/example/ionosctl:6.8 dbaas postgres cluster list
docker run --rm -e IONOS_TOKEN ghcr.io/example/ionosctl:6.8 server list --datacenter-id "$DC"
podman run --rm ghcr.io/example/ionosctl dbaas postgres logs list --cluster-id "$1" --limit 50
bash -c "ionosctl dbaas postgres backup list"
ssh jump "ionosctl dbaas postgres database list --cluster-id $1"
bash -lc 'cd /srv && ionosctl dbaas mongo cluster list'
