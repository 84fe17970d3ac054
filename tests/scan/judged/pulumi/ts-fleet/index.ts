import * as pulumi from "@pulumi/pulumi";
import * as ionos from "@ionos-cloud/sdk-pulumi";

const names = ["orders", "stock"];
const GB = 1024;

export const clusters = names.map((name) => new ionos.dbaas.PSQLCluster(name, {
  displayName: name,
  ram: 4 * GB,
  storageSize: 20480,
  credentials: { username: "app", password: cfg.requireSecret("pw") },
}));

const replica = new ionos.dbaas.InMemoryDBReplicaSet("cache", { resources: { ram: 4096 } });
export const found = ionos.dbaas.getPSQLClusterOutput({ id: "3a5b7d63-4061-4b82-9dce-507f91b23d05" });
