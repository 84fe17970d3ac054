plugins {
    kotlin("jvm") version "2.0.0"
}

dependencies {
    implementation("com.ionoscloud.dbaaspostgres:ionos-cloud-sdk-dbaas-postgres:1.0.2")
    implementation("com.squareup.okhttp3:okhttp:4.12.0")
}
