# @summary postgres_cluster { 'x': } is of IONOS's module
class profile::db (
  String $password,
) {
  postgres_cluster { 'auth-stage':
    ensure       => present,
    ram_size     => 4096,
    storage_size => 20480,
    cores_count  => 2,
    require      => Datacenter['dc'],
  }

  postgresql::server::db { 'app':
    user => 'app',
  }

  exec { 'resize':
    command => "/usr/bin/curl -X PATCH -H 'Authorization: Bearer ${token}' https://api.ionos.com/databases/postgresql/clusters/${id}",
    onlyif  => '/usr/bin/ionosctl dbaas postgres cluster list',
  }
}
