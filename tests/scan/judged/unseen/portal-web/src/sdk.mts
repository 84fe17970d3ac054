import { ClustersApi, Configuration } from '@ionos-cloud/sdk-nodejs-dbaas-postgres';

const api = new ClustersApi(new Configuration({ apiKey: process.env.TOKEN }));
export const shrink = (clusterId: string) =>
  api.clustersPatch({ clusterId, patchClusterRequest: { properties: { cores: 1 } } });
