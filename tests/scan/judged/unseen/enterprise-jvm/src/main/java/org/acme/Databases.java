package org.acme;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Was https://api.ionos.com/databases/postgresql/clusters in the pilot, and still is. */
public final class Databases {
    private static final String BASE = "https://api.ionos.com/databases/postgresql";

    HttpResponse<String> rename(HttpClient http, String id, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(BASE + "/clusters/" + id))
            .header("X-Contract-Number", "31990012")
            .method("PATCH", HttpRequest.BodyPublishers.ofString(body))
            .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    String users(HttpClient http, String id) throws Exception {
        var uri = URI.create(BASE + "/clusters/" + id + "/users");
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()).body();
    }
}
