package io.lodestone.server.transport;

import io.lodestone.api.LodestoneException;
import java.net.InetSocketAddress;
import java.net.URI;

/**
 * Where to listen: {@code http://127.0.0.1:2379}, {@code https://[::]:2379}. Immutable.
 *
 * @param port 0 for one that is free
 */
public record ListenUrl(boolean tls, String host, int port) {

  /** Fails with a hint for a URL of a Unix socket. */
  public static ListenUrl of(URI url) {
    if (url.getHost() == null || !String.valueOf(url.getScheme()).startsWith("http")) {
      throw new LodestoneException(
          "cannot listen on " + url + ": only http and https over TCP are served",
          "write it as http://127.0.0.1:2379 or https://10.0.0.1:2379");
    }
    return new ListenUrl("https".equals(url.getScheme()), url.getHost(), url.getPort());
  }

  public InetSocketAddress address() {
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new InetSocketAddress(bare, port);
  }

  /** The same place with the port that was really taken. */
  public ListenUrl on(int boundPort) {
    return new ListenUrl(tls, host, boundPort);
  }

  @Override
  public String toString() {
    return (tls ? "https://" : "http://") + host + ":" + port;
  }
}
