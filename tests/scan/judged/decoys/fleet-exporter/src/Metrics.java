class Metrics {
    static final Gauge CLUSTERS = Gauge.build().name("ionos_dbaas_postgres_clusters").help("seen").register();
}
