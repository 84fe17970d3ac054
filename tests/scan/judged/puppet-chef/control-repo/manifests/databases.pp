# postgres_cluster takes MB
class profile::databases (
  String $datacenter = 'shop',
) {
  postgres_cluster { 'orders-prod':
    ensure           => present,
    postgres_version => '14',
    cores_count      => 4,
    ram_size         => 8192,
    storage_size     => 40960,
    connections      => [{ 'datacenter' => $datacenter, 'lan' => 'db', 'cidr' => '192.168.7.4/24' }],
  }

  mongo_cluster { 'sessions':
    ensure   => present,
    ram_size => 4096,
  }

  exec { 'list clusters':
    command => '/usr/bin/ionosctl dbaas postgres cluster list',
  }
}
