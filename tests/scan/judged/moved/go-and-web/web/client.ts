const host = (region: string) => `https://postgresql.${region}.ionos.com`;

export const put = (region: string, id: string, body: unknown, token: string) =>
  fetch(`${host(region)}/clusters/${id}`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });

export const busy = (state: string) => state === 'PROVISIONING' || state === 'UPDATING';
