<?php

namespace App\Services;

use Illuminate\Support\Facades\Http;

class Postgres
{
    private string $base = 'https://api.ionos.com/databases/postgresql';

    public function resize(string $id, int $gb): array
    {
        return Http::withBasicAuth(config('ionos.user'), config('ionos.password'))
            ->withHeaders(['X-Contract-Number' => config('ionos.contract')])
            ->patch("{$this->base}/clusters/{$id}", ['properties' => ['ram' => 8192]])
            ->json();
    }

    public function databases(string $id): array
    {
        # $this->base . '/clusters/' . $id . '/users'
        return Http::withToken($this->token)->get($this->base . '/clusters/' . $id . '/databases')->json('items');
    }

    public function mail(): void
    {
        Http::patch('https://mail.example.org/clusters/1');
    }
}
