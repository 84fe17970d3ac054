package org.acme;

import com.ionoscloud.dbaaspostgres.ApiClient;
import com.ionoscloud.dbaaspostgres.api.ClustersApi;
import com.ionoscloud.dbaaspostgres.model.PatchClusterProperties;
import com.ionoscloud.dbaaspostgres.model.PatchClusterRequest;

/** Speaks https://api.ionos.com/databases/postgresql by the SDK. */
public class Provisioner {
    private final ApiClient client = new ApiClient();

    Provisioner(String user, String password) {
        client.setUsername(user);
        client.setPassword(password);
    }

    void grow(String id) throws Exception {
        var patch = new PatchClusterRequest().properties(new PatchClusterProperties().ram(8 * 1024));
        new ClustersApi(client).clustersPatch(id, patch);
    }

    boolean isBusy(String id) throws Exception {
        return "BUSY".equals(new ClustersApi(client).clustersFindById(id).getMetadata().getState().getValue());
    }
}
