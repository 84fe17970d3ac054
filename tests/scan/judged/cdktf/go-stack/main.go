package main

import (
	"example.org/stack/generated/ionos-cloud/ionoscloud/pgcluster"
	"example.org/stack/generated/ionos-cloud/ionoscloud/provider"
	"github.com/aws/jsii-runtime-go"
	"github.com/hashicorp/terraform-cdk-go/cdktf"
)

func NewStack(app cdktf.App) cdktf.TerraformStack {
	stack := cdktf.NewTerraformStack(app, jsii.String("db"))
	provider.NewIonoscloudProvider(stack, jsii.String("ionos"), &provider.IonoscloudProviderConfig{
		Username: jsii.String("ops"),
		Password: jsii.String(secret),
	})
	pgcluster.NewPgCluster(stack, jsii.String("auth"), &pgcluster.PgClusterConfig{
		DisplayName: jsii.String("auth-stage"),
		Ram:         jsii.Number(4096),
		StorageSize: jsii.Number(20480),
	})
	return stack
}
