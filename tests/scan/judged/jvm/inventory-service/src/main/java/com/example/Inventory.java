package com.example;

import com.ionoscloud.dbaaspostgres.ApiClient;
import com.ionoscloud.dbaaspostgres.Configuration;
import com.ionoscloud.dbaaspostgres.api.ClustersApi;
import com.ionoscloud.dbaaspostgres.api.UsersApi;
import java.util.List;

public class Inventory {
    private final ClustersApi clusters;
    private final UsersApi users;

    public Inventory(String user, String password) {
        ApiClient client = Configuration.getDefaultApiClient();
        client.setUsername(user);
        client.setPassword(password);
        this.clusters = new ClustersApi(client);
        this.users = new UsersApi(client);
    }

    public void rename(String id, PatchClusterRequest request) throws Exception {
        clusters.clustersPatch(id, request);
    }

    public int people(String id) throws Exception {
        return users.usersList(id, 100, 0, false).getItems().size();
    }
}
