package exporter

import "github.com/prometheus/client_golang/prometheus"

type collector struct{ ram, cpu *prometheus.GaugeVec }

func newCollector() *collector {
	return &collector{
		ram: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ionos_dbaas_postgres_total_ram_in_cluster",
			Help: "Memory of the cluster",
		}, []string{"cluster"}),
		cpu: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "ionos_dbaas_postgres_total_cpu_in_cluster"}, nil),
	}
}
