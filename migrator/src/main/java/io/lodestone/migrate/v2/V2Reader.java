package io.lodestone.migrate.v2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads a tree by etcd's v2 API ({@code GET /v2/keys}), with a quorum. Nodes whose names begin with
 * an underscore are hidden from listings by etcd, and are seen only where the path asked for names
 * them.
 */
final class V2Reader {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String INDEX = "X-Etcd-Index";
  private static final int FOUND = 200;

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final ObjectMapper json = new ObjectMapper();
  private final List<URI> members;

  /**
   * @param members client URLs
   */
  V2Reader(List<URI> members) {
    this.members = List.copyOf(members);
  }

  /** The tree below {@code path}, itself not included; of the first member that answers. */
  V2Tree read(String path) throws InterruptedException {
    IOException last = new IOException("no endpoint was named");
    for (URI member : members) {
      try {
        return read(member, path);
      } catch (IOException e) {
        last = e;
      }
    }
    throw new LodestoneException(
        "no member could be asked for its v2 keys: " + last,
        "name client URLs of members that run, as http://10.0.0.1:2379",
        last);
  }

  private V2Tree read(URI member, String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(address(member, path)).timeout(PATIENCE).build();
    HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
    Optional<String> index = answer.headers().firstValue(INDEX);
    if (answer.statusCode() != FOUND || index.isEmpty()) {
      throw new LodestoneException(
          member + " answers " + answer.statusCode() + " to " + path + ": " + answer.body().strip(),
          "serve v2 keys with etcd --enable-v2, and name a directory that exists");
    }
    List<V2Entry> entries = new ArrayList<>();
    addBelow(json.readTree(answer.body()).path("node"), OptionalLong.empty(), entries);
    return new V2Tree(Long.parseLong(index.get()), entries);
  }

  private static URI address(URI member, String path) {
    try {
      return new URI(
          member.getScheme(),
          member.getUserInfo(),
          member.getHost(),
          member.getPort(),
          "/v2/keys" + path,
          "recursive=true&sorted=true&quorum=true",
          null);
    } catch (URISyntaxException e) {
      throw new LodestoneException("not a path of v2 keys: " + path, "begin it with a slash", e);
    }
  }

  private static void addBelow(JsonNode directory, OptionalLong above, List<V2Entry> entries) {
    OptionalLong ttl = sooner(directory, above);
    for (JsonNode node : directory.path("nodes")) {
      OptionalLong own = sooner(node, ttl);
      Optional<String> value =
          node.path("dir").asBoolean()
              ? Optional.empty()
              : Optional.of(node.path("value").asText());
      entries.add(new V2Entry(node.path("key").asText(), value, own));
      addBelow(node, own, entries);
    }
  }

  private static OptionalLong sooner(JsonNode node, OptionalLong above) {
    if (!node.has("ttl")) {
      return above;
    }
    long own = node.path("ttl").asLong();
    return OptionalLong.of(above.isPresent() ? Math.min(own, above.getAsLong()) : own);
  }
}
