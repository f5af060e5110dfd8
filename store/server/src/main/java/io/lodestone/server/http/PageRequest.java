package io.lodestone.server.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;

/**
 * A request without a body that matters. Immutable.
 *
 * @param path decoded, without the query
 */
public record PageRequest(String method, String path, Map<String, List<String>> query) {
  static PageRequest of(String method, String uri) {
    QueryStringDecoder decoder = new QueryStringDecoder(uri);
    return new PageRequest(method, decoder.path(), decoder.parameters());
  }

  /** etcd's pages do not answer HEAD. */
  boolean isRead() {
    return method.equals("GET");
  }

  boolean has(String parameter) {
    return query.containsKey(parameter);
  }

  List<String> all(String parameter) {
    return query.getOrDefault(parameter, List.of());
  }

  /** True for {@code name=true}. */
  boolean isTrue(String parameter) {
    return all(parameter).contains("true");
  }
}
