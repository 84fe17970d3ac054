import * as pulumi from "@pulumi/pulumi";
import * as ionoscloud from "@ionos-cloud/sdk-pulumi";

const dc = new ionoscloud.compute.Datacenter("shop", { location: "de/txl" });
const lan = new ionoscloud.compute.Lan("db", { datacenterId: dc.id, public: false });

const orders = new ionoscloud.dbaas.PSQLCluster("orders", {
  displayName: "orders-prod",
  postgresVersion: "15",
  instances: 2,
  cores: 4,
  ram: 8192,
  storageSize: 40960,
  connections: { datacenterId: dc.id, lanId: lan.id, cidr: "192.168.7.4/24" },
});

new ionoscloud.dbaas.PSQLUser("app", {
  clusterId: orders.id,
  username: "app",
  password: new pulumi.Config().requireSecret("app"),
});

const sessions = new ionoscloud.dbaas.MongoCluster("sessions", { ram: 4096 });
const seen = ionoscloud.dbaas.getPSQLClusterOutput({ displayName: "reports-weekly" });

export const host = orders.dnsName;
