package io.lodestone.server.http;

import io.grpc.Metadata;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import java.util.Optional;

/** JSON over HTTP to the gRPC methods, as etcd's gateway offers it. Thread-safe. */
public final class Gateway {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final GatewayPaths paths;
  private final int maxRequestBytes;

  /** {@code services} come with their interceptors. */
  public Gateway(List<ServerServiceDefinition> services, int maxRequestBytes) {
    this.paths = new GatewayPaths(services);
    this.maxRequestBytes = maxRequestBytes;
  }

  boolean owns(String path) {
    return path.startsWith("/v3/") || path.startsWith("/v3beta/");
  }

  /** Begins to serve a request whose path it owns; empty where the answer is given already. */
  Optional<Exchange> open(HttpRequest request, String path, HttpAnswer out) {
    Optional<Rpc<?, ?>> rpc = paths.at(path);
    if (rpc.isEmpty()) {
      out.gateway(
          Status.NOT_FOUND, GatewayErrors.json(Status.NOT_FOUND.withDescription("Not Found")));
      return Optional.empty();
    }
    if (!request.method().equals(HttpMethod.POST)) {
      Status refusal = Status.UNIMPLEMENTED.withDescription("Method Not Allowed");
      out.gateway(refusal, GatewayErrors.json(refusal));
      return Optional.empty();
    }
    return Optional.of(new GatewayExchange<>(rpc.get(), headers(request), out, maxRequestBytes));
  }

  private static Metadata headers(HttpRequest request) {
    Metadata headers = new Metadata();
    String token = request.headers().get("Authorization");
    if (token != null) {
      headers.put(AUTHORIZATION, token);
    }
    return headers;
  }
}
