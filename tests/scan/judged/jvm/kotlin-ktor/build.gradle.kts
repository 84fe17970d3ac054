dependencies {
    implementation("io.ktor:ktor-client-cio:2.3.0")
    // implementation("com.ionoscloud.dbaaspostgres:ionos-cloud-sdk-dbaas-postgres:1.0.1")
}
