use reqwest::Client;

const BASE: &str = "https://api.ionos.com/databases/postgresql";
const NEXT: &str = "https://postgresql.de-txl.ionos.com";

async fn cluster(client: &Client, id: &str, user: &str, password: &str) -> reqwest::Result<String> {
    client
        .get(format!("{BASE}/clusters/{id}"))
        .basic_auth(user, Some(password))
        .header("X-Contract-Number", "31990007")
        .send()
        .await?
        .text()
        .await
}

// const OLD: &str = "https://api.ionos.com/cloudapi/databases/postgres";
fn busy(state: &str) -> bool {
    state == "BUSY"
}
