namespace Portal;

internal static class Legacy
{
    internal static readonly Uri Logs = new("https://api.ionos.com/databases/postgresql/clusters/old/logs");
    internal static string Run() => Shell.Run("ionosctl", "dbaas postgres cluster list");
}
