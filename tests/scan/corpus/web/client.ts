// const old = "https://api.ionos.com/cloudapi/databases/postgres";
const base = "https://api.ionos.com/databases/postgresql";

/** Waits while BUSY, see https://api.ionos.com/databases/postgresql/clusters */
export async function scale(id: string, token: string) {
  const answer = await fetch(`${base}/clusters/${id}`, {
    method: "PATCH",
    headers: { Authorization: `Bearer ${token}`, "X-Contract-Number": "31800001" },
  });
  const page = await answer.json();
  return page._links?.next ?? page.metadata.state === "BUSY";
}

export const v2 = (region: string) => `https://postgresql.${region}.ionos.com`;
