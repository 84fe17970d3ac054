package main

import "github.com/prometheus/client_golang/prometheus"

var clusters = prometheus.NewGauge(prometheus.GaugeOpts{
	Name: "ionos_dbaas_postgres_total_clusters",
	Help: "Clusters that this program has seen",
})
