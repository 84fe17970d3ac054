#!/usr/bin/env bash
for region in de-txl de-fra es-vit; do
  curl -fsS -H "Authorization: Bearer $TOKEN" "https://postgresql.$region.ionos.com/clusters"
done
CTL="ionosctl dbaas postgres-v2"
$CTL cluster list
ionosctl dbaas pg-v2 version list
