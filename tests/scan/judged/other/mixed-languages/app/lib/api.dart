const base = 'https://api.ionos.com/databases/postgresql';
const next = 'https://postgresql.de-fra.ionos.com';
