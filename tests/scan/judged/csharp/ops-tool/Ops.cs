using System.Net.Http.Headers;

namespace Acme.Ops;

public sealed class PgClient(HttpClient http)
{
    private const string Base = "https://api.ionos.com/databases/postgresql";

    public void Login(string user, string pass) =>
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Encode(user, pass));

    public Task<HttpResponseMessage> Resize(string id, object body) =>
        http.PatchAsJsonAsync($"{Base}/clusters/{id}", body);

    public Task<Logs?> Logs(string id) => http.GetFromJsonAsync<Logs>($"{Base}/clusters/{id}/logs");

    public async Task Restore(string id, string backup)
    {
        // POST https://api.ionos.com/databases/postgresql/clusters/{id}/restore
        var request = new HttpRequestMessage(HttpMethod.Post, Base + "/clusters/" + id + "/restore");
        await http.SendAsync(request);
    }

    public Task Files() => http.GetAsync("https://files.acme.org/databases/postgresql/dump");
}
