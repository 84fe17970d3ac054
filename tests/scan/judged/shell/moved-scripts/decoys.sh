#!/usr/bin/env bash
# ionosctl dbaas postgres cluster list
echo "see https://docs.ionos.com/databases/postgresql"
psql -h db.example.com -c "select 1"
curl -fsS https://api.example.com/databases/postgresql/clusters
curl -X PATCH https://postgresql.de-txl.ionos.com/clusters/1
visionosctl dbaas postgres cluster list
ionosctl dbaas mariadb backup list
: ionosctl
grep -rn "BUSY" /var/log
