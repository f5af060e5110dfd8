package io.lodestone.server.transport;

import io.lodestone.api.LodestoneException;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Where to listen: {@code http://127.0.0.1:2379}, {@code https://[::]:2379}, {@code
 * unix:///run/store.sock}. Immutable.
 *
 * @param host empty for a Unix socket
 * @param port 0 for one that is free
 * @param socket the file of a Unix socket
 */
public record ListenUrl(boolean tls, String host, int port, Optional<Path> socket) {

  /**
   * Fails with a hint for a Unix socket without a name. Its name is all that follows {@code
   * unix://} or {@code unixs://}, as in etcd: {@code unix://localhost:1} is a file {@code
   * localhost:1} in the working directory.
   */
  public static ListenUrl of(URI url) {
    boolean tls = "https".equals(url.getScheme()) || "unixs".equals(url.getScheme());
    if (!url.getScheme().startsWith("unix")) {
      return new ListenUrl(tls, url.getHost(), url.getPort(), Optional.empty());
    }
    String file = Objects.requireNonNullElse(url.getAuthority(), "") + url.getPath();
    if (file.isEmpty()) {
      throw new LodestoneException(
          "cannot listen on " + url + ": it names no file",
          "write it as unix:///run/lodestone.sock");
    }
    return new ListenUrl(tls, "", 0, Optional.of(Path.of(file)));
  }

  SocketAddress address() {
    if (socket.isPresent()) {
      return UnixDomainSocketAddress.of(socket.get());
    }
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new InetSocketAddress(bare, port);
  }

  Class<? extends ServerChannel> channelType() {
    return socket.isPresent() ? NioServerDomainSocketChannel.class : NioServerSocketChannel.class;
  }

  /** Removes the file of a Unix socket: one left behind cannot be listened on again. */
  void clear() throws IOException {
    if (socket.isPresent()) {
      Files.deleteIfExists(socket.get());
    }
  }

  /** Leaves no file of a Unix socket behind. */
  void leave() {
    try {
      clear();
    } catch (IOException e) {
      // It listens no more, and who listens here next removes it or says why not.
    }
  }

  /** The same place with the port that was really taken. */
  ListenUrl on(SocketAddress bound) {
    return bound instanceof InetSocketAddress taken
        ? new ListenUrl(tls, host, taken.getPort(), socket)
        : this;
  }

  @Override
  public String toString() {
    return socket
        .map(file -> (tls ? "unixs://" : "unix://") + file)
        .orElseGet(() -> (tls ? "https://" : "http://") + host + ":" + port);
  }
}
