import { dbaas } from "@ionos-cloud/sdk-pulumi";

export const billing = new dbaas.PSQLClusterV2("billing", {
  name: "billing-prod",
  instances: { count: 1, cores: 2, ram: 4, storageSize: 20 },
});
