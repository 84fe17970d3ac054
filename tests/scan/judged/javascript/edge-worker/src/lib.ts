/* https://api.ionos.com/databases/postgresql was the base once */
export const base = (region: string) => `https://postgresql.${region}.ionos.com`;

export interface Cluster {
  ram: number; // GB
  storageSize: number;
}

export async function pages(fetcher: (u: string) => Promise<any>) {
  let url: string | undefined = 'https://api.ionos.com/databases/postgresql/clusters?limit=100';
  while (url) {
    const page = await fetcher(url);
    url = page.links?.next;
  }
}
