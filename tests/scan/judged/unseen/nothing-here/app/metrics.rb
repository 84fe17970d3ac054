require 'prometheus/client'

CLUSTERS = Prometheus::Client::Gauge.new(:ionos_dbaas_postgres_clusters, docstring: 'Clusters we saw')
STATES = %w[READY BUSY DONE].freeze
HELP = 'https://kb.example.net/databases/postgresql/clusters'.freeze
