import com.ionoscloud.dbaasmongo.api.ClustersApi;

/** Unlike com.ionoscloud.dbaaspostgres this has templates. */
class Sessions {
    String endpoint = "https://postgresql.de-fra.ionos.com/clusters";

    void patch(ClustersApi api, String id) throws Exception {
        api.clustersPatch(id, null);
    }
}
