const ionos = require('@ionos-cloud/sdk-nodejs-dbaas-postgres');

const config = new ionos.Configuration({
  username: process.env.IONOS_USERNAME,
  password: process.env.IONOS_PASSWORD,
});
const clusters = new ionos.ClustersApi(config);
const databases = new ionos.DatabasesApi(config);

async function list() {
  const { data } = await clusters.clustersGet({ limit: 50 });
  return data.items;
}

async function resize(clusterId, gb) {
  return clusters.clustersPatch({
    clusterId,
    patchClusterRequest: { properties: { ram: gb * 1024 } },
  });
}

async function addDatabase(clusterId, name, owner) {
  return databases.databasesPost({ clusterId, database: { properties: { name, owner } } });
}

module.exports = { list, resize, addDatabase };
