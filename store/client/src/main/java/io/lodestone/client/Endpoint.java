package io.lodestone.client;

import io.lodestone.api.LodestoneException;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * A member's client address. Immutable.
 *
 * @param tls whether the member is spoken to over TLS
 */
public record Endpoint(String host, int port, boolean tls) {
  private static final int DEFAULT_PORT = 2379;

  /**
   * Reads {@code https://host:port}, {@code http://host:port} or {@code host:port}, the last two
   * without TLS; the port defaults to 2379.
   */
  public static Endpoint parse(String text) {
    String url = text.contains("://") ? text : "http://" + text;
    try {
      URI uri = new URI(url);
      boolean tls = "https".equals(uri.getScheme());
      if (uri.getHost() == null || !(tls || "http".equals(uri.getScheme()))) {
        throw malformed(text);
      }
      return new Endpoint(uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(), tls);
    } catch (URISyntaxException e) {
      throw malformed(text, e);
    }
  }

  private static LodestoneException malformed(String text) {
    return malformed(text, null);
  }

  private static LodestoneException malformed(String text, Throwable cause) {
    return new LodestoneException(
        "'" + text + "' is not the address of an etcd member",
        "write it as https://host:port, or as http://host:port where the cluster has no TLS",
        cause);
  }

  @Override
  public String toString() {
    return (tls ? "https://" : "http://") + host + ":" + port;
  }
}
