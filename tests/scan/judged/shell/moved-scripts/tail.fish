#!/usr/bin/env fish
ionosctl dbaas postgres logs list --cluster-id $argv[1]
