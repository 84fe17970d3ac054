class profile::mirror {
  file { '/etc/api.conf':
    content => "endpoint=https://api.ionos.com/databases/postgresql\n",
  }
  # exec { 'x': command => 'ionosctl dbaas postgres cluster list' }
  postgresql::server::db { 'app':
    user => 'app',
  }
}
