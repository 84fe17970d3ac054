node 'ops' {
  postgres_cluster { "${facts['team']}-db": ensure => present, ram_size => 4096 }
  cron { 'backups': command => 'ionosctl dbaas postgres backup list' }
  lookup('postgres_cluster')
}
