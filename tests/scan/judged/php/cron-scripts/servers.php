<?php
$curl = curl_init('https://api.ionos.com/cloudapi/v6/datacenters');
curl_setopt($curl, CURLOPT_USERPWD, 'a:b');
curl_setopt($curl, CURLOPT_CUSTOMREQUEST, 'PATCH');
