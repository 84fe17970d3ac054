Start-Process ionosctl -ArgumentList 'dbaas postgres cluster list'
$url = "https://api.ionos.com/databases/postgresql/clusters/$Id/logs"
