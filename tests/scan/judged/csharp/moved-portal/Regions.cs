namespace Portal;

// Until 2026 this was https://api.ionos.com/databases/postgresql.
public static class Regions
{
    public static string Host(string region) => $"https://postgresql.{region}.ionos.com";
    public const string Docs = "https://docs.example.com/databases/postgresql";
    public enum JobState { Ready, Busy }
}
