import { App, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { IonoscloudProvider } from '@cdktf/provider-ionoscloud/lib/provider';
import { PgCluster } from '@cdktf/provider-ionoscloud/lib/pg-cluster';
import * as user from '@cdktf/provider-ionoscloud/lib/pg-user';
import { MongoCluster } from '@cdktf/provider-ionoscloud/lib/mongo-cluster';
import { PgClusterV2 } from './.gen/providers/ionoscloud/pg-cluster-v2';

class Databases extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new IonoscloudProvider(this, 'ionos', { token: process.env.IONOS_TOKEN });

    const orders = new PgCluster(this, 'orders', {
      displayName: 'orders-prod',
      postgresVersion: '15',
      ram: 8192,
      storageSize: 40960,
    });
    new user.PgUser(this, 'app', { clusterId: orders.id, username: 'app', password: 'from-vault' });
    new MongoCluster(this, 'sessions', { displayName: 'sessions', ram: 4096 });
    new PgClusterV2(this, 'next', { name: 'orders-next' });
  }
}

const app = new App();
new Databases(app, 'databases');
app.synth();
