#!/bin/bash
source ./wait.sh
curl -s -X POST -H "Authorization: Bearer ${IONOS_TOKEN}" "${base}/clusters/$1/restore" -d "{\"backupId\": \"$2\"}"
next="${base}/clusters?limit=50"
while [ -n "$next" ] && [ "$next" != null ]; do
  page=$(curl -s -H "Authorization: Bearer ${IONOS_TOKEN}" "$next")
  echo "$page" | jq -r '.items[].id'
  next=$(echo "$page" | jq -r '.links.next')
done
