import { dbaas, compute } from "@ionos-cloud/sdk-pulumi";

const size = 8 * 1024;
export const auth = new dbaas.PSQLCluster("auth", {
  displayName: "auth-stage",
  ram: size,
  storageSize: 20480,
});
new dbaas.PSQLDatabase("auth", { clusterId: auth.id, name: "auth", owner: "auth" });
new compute.Server("vm", { ram: 4096 });
