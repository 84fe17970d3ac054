using System.Net.Http.Headers;

namespace Portal.Services;

public class PostgresService
{
    private const string Base = "https://api.ionos.com/databases/postgresql";
    private readonly HttpClient _http;

    public PostgresService(HttpClient http, string basic)
    {
        _http = http;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", basic);
        _http.DefaultRequestHeaders.Add("X-Contract-Number", "31990006");
    }

    public Task<string> Databases(string id) => _http.GetStringAsync($"{Base}/clusters/{id}/databases");

    public Task<HttpResponseMessage> Rename(string id, HttpContent body) =>
        _http.PatchAsync($"{Base}/clusters/{id}", body);

    public static bool Busy(string state) => state == "BUSY";
}
