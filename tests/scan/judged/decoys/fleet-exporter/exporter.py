from prometheus_client import Counter, Gauge

CLUSTERS = Gauge("ionos_dbaas_postgres_clusters", "Clusters that this exporter has seen")
ERRORS = Counter("ionos_dbaas_postgres_errors_total", "Errors of this exporter")
