const IONOS = 'https://api.ionos.com';
const pgBase = `${IONOS}/databases/postgresql`;
const computeBase = `${IONOS}/cloudapi/v6`;

type State = 'AVAILABLE' | 'BUSY' | 'FAILED';

export const users = async (id: string, token: string) =>
  (await fetch(`${pgBase}/clusters/${id}/users`, { headers: { Authorization: `Bearer ${token}` } })).json();

export async function wait(id: string, get: (u: string) => Promise<{ metadata: { state: State } }>) {
  while ((await get(`${pgBase}/clusters/${id}`)).metadata.state === 'BUSY') await pause(5);
}

export const patchServer = (id: string) => fetch(`${computeBase}/servers/${id}`, { method: 'PATCH' });
