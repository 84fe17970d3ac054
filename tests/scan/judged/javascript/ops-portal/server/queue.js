// BUSY here is a state of our queue
export const isBusy = (job) => job.state === 'BUSY';
const console_ = 'https://console.example.com/databases/postgresql';
export const patch = (id) => fetch(`/api/jobs/${id}`, { method: 'PATCH' });
