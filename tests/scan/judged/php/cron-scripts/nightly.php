<?php
$curl = curl_init('https://api.ionos.com/databases/postgresql/clusters?limit=10');
curl_setopt($curl, CURLOPT_USERPWD, getenv('IONOS_USERNAME') . ':' . getenv('IONOS_PASSWORD'));
curl_setopt($curl, CURLOPT_HTTPHEADER, ['X-Contract-Number: 31990004']);
$page = json_decode(curl_exec($curl), true);
foreach ($page['items'] as $cluster) {
    echo shell_exec("ionosctl dbaas postgres logs list --cluster-id {$cluster['id']}");
}
