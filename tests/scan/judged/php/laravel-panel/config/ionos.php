<?php

return [
    'next' => env('PG_HOST', 'https://postgresql.de-txl.ionos.com'),
    'user' => env('IONOS_USER'),
];
