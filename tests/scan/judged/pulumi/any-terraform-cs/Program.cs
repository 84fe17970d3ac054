using Pulumi;
using Ionoscloud = Ionoscloud.Pulumi.Ionoscloud;

return await Deployment.RunAsync(() =>
{
    var cluster = new Ionoscloud.Dbaas.PSQLCluster("billing", new()
    {
        DisplayName = "billing-prod",
        Ram = 8192,
        StorageSize = 51200,
    });
    var blog = new Ionoscloud.Dbaas.MariaDBCluster("blog", new() { Ram = 4 });
});
