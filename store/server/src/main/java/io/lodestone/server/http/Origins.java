package io.lodestone.server.http;

import java.util.Map;
import java.util.Set;

/**
 * From which web pages a browser may call ({@code --cors}), and under which host names ({@code
 * --host-whitelist}). A {@code *} or nothing at all means any. Immutable.
 */
public record Origins(Set<String> allowed, Set<String> hosts) {
  public static final Origins ANY = new Origins(Set.of("*"), Set.of("*"));

  private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";

  public Origins {
    allowed = Set.copyOf(allowed);
    hosts = Set.copyOf(hosts);
  }

  /** The headers that let a page of {@code origin}, "" for none, read the answer. */
  Map<String, String> headersFor(String origin) {
    if (isAny(allowed)) {
      return headers("*");
    }
    return allowed.contains(origin) ? headers(origin) : Map.of();
  }

  private static Map<String, String> headers(String origin) {
    return Map.of(
        ALLOW_ORIGIN,
        origin,
        "Access-Control-Allow-Methods",
        "POST, GET, OPTIONS, PUT, DELETE",
        "Access-Control-Allow-Headers",
        "accept, content-type, authorization");
  }

  /** {@code host} is a Host header, perhaps with a port. */
  boolean allowsHost(String host) {
    return isAny(hosts) || hosts.contains(withoutPort(host));
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }

  private static boolean isAny(Set<String> names) {
    return names.isEmpty() || names.contains("*");
  }
}
