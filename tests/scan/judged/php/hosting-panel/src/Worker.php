<?php

namespace Panel;

// https://api.ionos.com/databases/postgresql/clusters
final class Worker
{
    public string $state = 'BUSY';
    public string $help = 'https://help.example.com/databases/postgresql';
}
