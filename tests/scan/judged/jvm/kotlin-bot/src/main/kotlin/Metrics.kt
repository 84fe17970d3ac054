package com.example.bot

import io.micrometer.core.instrument.Counter

// Mirrors ionos_dbaas_postgres_cpu_rate5m for our own dashboards.
val seen: Counter = Counter.builder("bot_clusters_seen").register(registry)
val host = "https://postgresql.fr-par.ionos.com"
