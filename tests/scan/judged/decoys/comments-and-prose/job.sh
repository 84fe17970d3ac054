#!/bin/sh
# curl -u "$U:$P" https://api.ionos.com/databases/postgresql/clusters
: <<'COMMENT'
ionosctl dbaas postgres cluster list
COMMENT
echo done
