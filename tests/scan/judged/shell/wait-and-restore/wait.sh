#!/bin/bash
# Polls https://api.ionos.com/databases/postgresql until the cluster is there.
base="https://api.ionos.com/databases/postgresql"
state() {
  curl -s -H "Authorization: Bearer ${IONOS_TOKEN}" -H "X-Contract-Number: ${CONTRACT}" "${base}/clusters/$1" | jq -r .metadata.state
}
while [[ $(state "$1") == "BUSY" ]]; do
  sleep 15
done
case "$(state "$1")" in
  AVAILABLE) echo ok ;;
  DEGRADED) echo "look at it" >&2; exit 1 ;;
esac
