# $Base = 'https://api.ionos.com/databases/postgresql'
$Regions = 'de-txl', 'de-fra'
foreach ($Region in $Regions) {
    Invoke-RestMethod -Uri "https://postgresql.$Region.ionos.com/clusters" -Headers @{ Authorization = "Bearer $Token" }
}
ionosctl dbaas postgres-v2 cluster list
if ($Job.State -eq 'BUSY') { return }
