const base = 'https://cloud.example.com/databases/postgresql';
export const logs = (id) => fetch(`${base}/clusters/${id}/logs`);
export const patch = (id) => fetch(`${base}/clusters/${id}`, { method: 'PATCH' });
export const busy = (c) => c.metadata.state === 'BUSY';
