import * as pg from '@ionos-cloud/sdk-nodejs-dbaas-postgres';

const restores = new pg.RestoresApi(new pg.Configuration({ apiKey: TOKEN }));

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === '/databases/postgresql') return new Response('ours');
    const id = url.searchParams.get('id');
    await restores.clusterRestorePost({ clusterId: id, createRestoreRequest: { backupId: env.BACKUP } });
    const all = await fetch('https://postgresql.de-txl.ionos.com/clusters');
    return new Response(await all.text());
  },
};
