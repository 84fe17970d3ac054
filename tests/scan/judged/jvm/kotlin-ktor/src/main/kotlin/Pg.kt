private const val BASE = "https://api.ionos.com/databases/postgresql"
private const val COMPUTE = "https://api.ionos.com/cloudapi/v6"

class Pg(private val http: HttpClient) {
    suspend fun resize(id: String, gb: Int) = http.patch("$BASE/clusters/$id") {
        basicAuth(user, password)
        header("X-Contract-Number", contract)
        setBody("""{"properties": {"ram": ${gb * 1024}}}""")
    }

    suspend fun users(id: String) = http.get("$BASE/clusters/$id/users").body<List<User>>()

    suspend fun reboot(id: String) = http.patch("$COMPUTE/servers/$id") { bearerAuth(token) }
}
