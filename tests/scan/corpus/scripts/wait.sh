#!/usr/bin/env bash
# Waits for https://api.ionos.com/databases/postgresql/clusters/$1 while BUSY.
set -euo pipefail
base="https://api.ionos.com/databases/postgresql"
state() {
  curl --silent --user "$IONOS_USERNAME:$IONOS_PASSWORD" --header "X-Contract-Number: 31800001" "${base}/clusters/$1" |
    jq -r .metadata.state
}
until [[ "$(state "$1")" != BUSY ]]; do
  sleep 5
done
if [ "$(state "$1")" = "DEGRADED" ]; then
  exit 1
fi
