#!/usr/bin/env bash
set -euo pipefail

API=https://api.ionos.com/databases/postgresql
CTL=ionosctl
PG="$CTL dbaas postgres"

list() {
  $CTL dbaas postgres cluster list --cols ClusterId,DisplayName
}

scale() {
  "$CTL" dbaas pg cluster update --cluster-id "$1" --ram "$2"
}

readers() {
  $PG user list --cluster-id "$1"
}

rename() {
  curl -fsS -X PATCH "$API/clusters/$1" \
    -u "$IONOS_USERNAME:$IONOS_PASSWORD" \
    -H 'Content-Type: application/json' \
    -d "{\"properties\": {\"displayName\": \"$2\"}}"
}

drop() {
  curl -fsS -X DELETE -H "Authorization: Bearer $TOKEN" "$API/clusters/$1" | jq -r .metadata.state
}

"$@"
