#!/bin/sh
ionosctl dbaas postgres-v2 cluster list --location de/txl
curl -fsS -H "Authorization: Bearer $TOKEN" https://postgresql.de-txl.ionos.com/clusters
