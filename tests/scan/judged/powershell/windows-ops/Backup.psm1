function Get-PgBackup {
    <#
    .SYNOPSIS
    Lists backups, as https://api.ionos.com/databases/postgresql/clusters/backups does.
    #>
    & ionosctl dbaas postgres backup list -o json | ConvertFrom-Json
}

function Get-MongoCluster {
    ionosctl dbaas mongo cluster list
}
