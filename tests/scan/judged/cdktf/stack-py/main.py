#!/usr/bin/env python
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_ionoscloud.data_ionoscloud_pg_cluster import DataIonoscloudPgCluster
from cdktf_cdktf_provider_ionoscloud.pg_database import PgDatabase
from cdktf_cdktf_provider_ionoscloud.mariadb_cluster import MariadbCluster


class Reports(TerraformStack):
    def __init__(self, scope, ns):
        super().__init__(scope, ns)
        cluster = DataIonoscloudPgCluster(self, "reports", display_name="reports-weekly")
        PgDatabase(self, "weekly", cluster_id=cluster.id, name="weekly", owner="reports")
        MariadbCluster(self, "blog", display_name="blog", ram=4)


app = App()
Reports(app, "reports")
app.synth()
