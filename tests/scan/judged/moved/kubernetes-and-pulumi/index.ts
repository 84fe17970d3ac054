import * as ionoscloud from "@ionos-cloud/sdk-pulumi";

new ionoscloud.dbaas.PSQLClusterV2("orders", { name: "orders-prod", instances: { ram: 8 } });
