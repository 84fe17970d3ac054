// const pg = require('@ionos-cloud/sdk-nodejs-dbaas-postgres');
/*
 * fetch('https://api.ionos.com/databases/postgresql/clusters', { method: 'PATCH' });
 */
export {};
