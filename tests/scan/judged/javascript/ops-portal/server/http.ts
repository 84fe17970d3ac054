import axios from 'axios';

const http = axios.create({
  baseURL: 'https://api.ionos.com/databases/postgresql',
  auth: { username: user, password },
});

export async function logs(id: string): Promise<unknown> {
  return (await http.get(`/clusters/${id}/logs`)).data;
}

export async function settled(id: string): Promise<boolean> {
  const { data } = await http.get(`/clusters/${id}`);
  return data.metadata.state !== 'BUSY';
}

export async function rename(id: string, displayName: string) {
  await fetch(`https://api.ionos.com/databases/postgresql/clusters/${id}`, {
    method: 'PATCH',
    body: JSON.stringify({ properties: { displayName } }),
  });
}
