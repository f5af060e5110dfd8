package io.lodestone.client;

import io.lodestone.api.LodestoneException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How to reach a cluster. Immutable; prints without secrets.
 *
 * @param endpoints client addresses of members of one cluster, at least one
 * @param callTimeout how long one member may take to answer one request; reads then go to the next
 *     member
 */
public record ClientOptions(
    List<Endpoint> endpoints,
    TlsOptions tls,
    Optional<Credentials> credentials,
    Duration connectTimeout,
    Duration callTimeout) {

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  public ClientOptions {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw new LodestoneException(
          "a cluster without endpoints cannot be reached",
          "name at least one member, for example http://127.0.0.1:2379");
    }
  }

  /** Endpoints as {@link Endpoint#parse} reads them; no user, timeouts of 5 seconds. */
  public static ClientOptions of(String... endpoints) {
    return new ClientOptions(
        Arrays.stream(endpoints).map(Endpoint::parse).toList(),
        TlsOptions.ofPlatform(),
        Optional.empty(),
        DEFAULT_TIMEOUT,
        DEFAULT_TIMEOUT);
  }

  public ClientOptions withTls(TlsOptions options) {
    return new ClientOptions(endpoints, options, credentials, connectTimeout, callTimeout);
  }

  public ClientOptions withUser(String user, String password) {
    return new ClientOptions(
        endpoints, tls, Optional.of(new Credentials(user, password)), connectTimeout, callTimeout);
  }

  public ClientOptions withTimeouts(Duration connect, Duration call) {
    return new ClientOptions(endpoints, tls, credentials, connect, call);
  }
}
