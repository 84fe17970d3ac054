package com.example.bot

import com.ionoscloud.dbaaspostgres.api.LogsApi
import okhttp3.Credentials
import okhttp3.OkHttpClient
import okhttp3.Request

private const val BASE = "https://api.ionos.com/databases/postgresql"

class Bot(private val http: OkHttpClient, private val logs: LogsApi) {
    fun cluster(id: String, user: String, password: String): String {
        val request = Request.Builder()
            .url("$BASE/clusters/$id")
            .header("Authorization", Credentials.basic(user, password))
            .build()
        return http.newCall(request).execute().use { it.body!!.string() }
    }

    fun tail(id: String) = logs.clusterLogsGet(id, 100, null, null, null)

    fun isBusy(state: String) = state == "BUSY"
}
