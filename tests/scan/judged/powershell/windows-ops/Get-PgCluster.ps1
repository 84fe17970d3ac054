param([Parameter(Mandatory)] [string] $Id)

$Base = 'https://api.ionos.com/databases/postgresql'
$pair = [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes("$($env:IONOS_USERNAME):$($env:IONOS_PASSWORD)"))
$headers = @{ Authorization = "Basic $pair"; 'X-Contract-Number' = '31990005' }

$cluster = Invoke-RestMethod -Uri "$Base/clusters/$Id" -Headers $headers
if ($cluster.metadata.state -eq 'BUSY') { Write-Warning 'not yet' }

Invoke-RestMethod -Method Patch -Uri "$Base/clusters/$Id" -Headers $headers -Body '{"properties":{"cores":4}}'
Invoke-RestMethod -Uri "$Base/clusters/$Id/users" -Headers $headers
