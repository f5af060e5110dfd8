package io.lodestone.server;

import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.server.config.StoreConfig;
import io.lodestone.server.transport.ListenUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An etcd v3 server inside this process: real port, real files. Thread-safe.
 *
 * <pre>{@code
 * try (EmbeddedStore store = EmbeddedStore.builder().start()) {
 *   Client client = Client.builder().endpoints(store.endpoint()).build();
 *   ...
 * }
 * }</pre>
 */
public final class EmbeddedStore implements AutoCloseable {
  private final StoreServer server;
  private final Optional<Path> temporary;

  private EmbeddedStore(StoreServer server, Optional<Path> temporary) {
    this.server = server;
    this.temporary = temporary;
  }

  /** A free port of loopback and a temporary directory, unless told otherwise. */
  public static Builder builder() {
    return new Builder();
  }

  /** How the store will be. Confined to one thread. */
  public static final class Builder {
    private final List<String> flags = new ArrayList<>();
    private Optional<Path> dataDir = Optional.empty();
    private String scheme = "http";
    private int port;

    private Builder() {}

    /** Keeps the data here; what is there already is served again. */
    public Builder dataDir(Path directory) {
      dataDir = Optional.of(directory);
      return this;
    }

    public Builder port(int clientPort) {
      port = clientPort;
      return this;
    }

    /** Serves https only; certificates are named by {@link #flags}. */
    public Builder tls() {
      scheme = "https";
      return this;
    }

    /** Further flags of etcd, for example {@code --max-txn-ops=1000}. */
    public Builder flags(String... more) {
      flags.addAll(List.of(more));
      return this;
    }

    /** When this returns, clients can connect. */
    public EmbeddedStore start() throws IOException {
      Optional<Path> temporary =
          dataDir.isPresent()
              ? Optional.empty()
              : Optional.of(Files.createTempDirectory("lodestone-store"));
      try {
        StoreConfig config = config(dataDir.or(() -> temporary).orElseThrow());
        StoreServer server =
            listensToMembers() ? StoreServer.start(config) : StoreServer.startUnreachable(config);
        return new EmbeddedStore(server, temporary);
      } catch (IOException | RuntimeException e) {
        delete(temporary);
        throw e;
      }
    }

    /** etcd's default, one port for all on this machine, is nothing to take unasked. */
    private boolean listensToMembers() {
      return flags.stream().anyMatch(flag -> flag.startsWith("--listen-peer-urls"));
    }

    private StoreConfig config(Path directory) {
      String url = scheme + "://127.0.0.1:" + port;
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "--data-dir=" + directory,
                  "--listen-client-urls=" + url,
                  "--advertise-client-urls=" + url));
      arguments.addAll(flags);
      return StoreConfig.read(arguments, Map.of());
    }
  }

  /** For example {@code http://127.0.0.1:34567}. */
  public String endpoint() {
    return url().toString();
  }

  /** For example {@code 127.0.0.1:34567}. */
  public String target() {
    return url().host() + ":" + url().port();
  }

  private ListenUrl url() {
    return server.clientUrls().get(0);
  }

  /** Stops serving; deletes the data where the directory was a temporary one. */
  @Override
  public void close() throws IOException {
    server.close();
    delete(temporary);
  }

  private static void delete(Optional<Path> directory) throws IOException {
    if (directory.isPresent()) {
      DurableFiles.deleteTree(directory.get());
    }
  }
}
