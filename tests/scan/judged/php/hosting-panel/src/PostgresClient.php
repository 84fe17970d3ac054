<?php

namespace Panel;

use GuzzleHttp\Client;

final class PostgresClient
{
    private const BASE = 'https://api.ionos.com/databases/postgresql/';
    private const REGIONAL = 'https://postgresql.de-txl.ionos.com/';

    private Client $http;

    public function __construct(string $user, string $password)
    {
        $this->http = new Client(['base_uri' => self::BASE, 'auth' => [$user, $password]]);
    }

    public function users(string $id): array
    {
        return json_decode($this->http->get("clusters/$id/users")->getBody(), true)['items'];
    }

    public function resize(string $id, int $gb): void
    {
        $this->http->patch("clusters/$id", ['json' => ['properties' => ['ram' => $gb * 1024]]]);
    }

    public function isBusy(array $cluster): bool
    {
        return $cluster['metadata']['state'] === 'BUSY';
    }
}
