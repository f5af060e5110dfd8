package io.lodestone.server;

import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.lodestone.server.call.CallerInterceptor;
import io.lodestone.server.config.StoreConfig;
import io.lodestone.server.http.FactPages;
import io.lodestone.server.http.Gateway;
import io.lodestone.server.http.HealthPages;
import io.lodestone.server.http.HttpPort;
import io.lodestone.server.http.Origins;
import io.lodestone.server.http.Page;
import io.lodestone.server.http.Pages;
import io.lodestone.server.http.Reply;
import io.lodestone.server.http.StoreHealth;
import io.lodestone.server.maintenance.ReportedVersion;
import io.lodestone.server.metrics.ServerMetrics;
import io.lodestone.server.tls.ServerTls;
import io.lodestone.server.transport.ClientListener;
import io.lodestone.server.transport.EventLoops;
import io.lodestone.server.transport.HttpListener;
import io.lodestone.server.transport.HttpSide;
import io.lodestone.server.transport.ListenUrl;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Every port of a server: clients' (gRPC, and HTTP unless it has ports of its own), HTTP's and
 * metrics'. Confined to one thread.
 */
final class Listeners implements AutoCloseable {
  private final StoreConfig config;
  private final ServerMetrics metrics;
  private final List<ServerServiceDefinition> services;
  private final Pages pages;
  private final Optional<SslContext> tls;
  private final Closing closing = new Closing();
  private final List<ClientListener> clients = new ArrayList<>();

  /** Reads certificates; listens on nothing yet. {@code interceptors} see a call last to first. */
  Listeners(
      StoreConfig config,
      List<BindableService> services,
      List<ServerInterceptor> interceptors,
      StoreHealth health,
      ServerMetrics metrics)
      throws IOException {
    this.config = config;
    this.metrics = metrics;
    this.services = definitions(services, interceptors);
    metrics.grpc().announce(this.services);
    this.pages = pages(health);
    this.tls =
        ServerTls.context(
            config.clientTls(),
            config.dataDir().resolve("fixtures").resolve("client"),
            config.clientUrls().stream()
                .map(URI::getHost)
                .filter(Objects::nonNull)
                .distinct()
                .toList());
  }

  private List<ServerServiceDefinition> definitions(
      List<BindableService> services, List<ServerInterceptor> interceptors) {
    HealthStatusManager health = new HealthStatusManager();
    Stream<BindableService> all =
        Stream.concat(
            services.stream(),
            Stream.of(health.getHealthService(), ProtoReflectionServiceV1.newInstance()));
    List<ServerInterceptor> chain = new ArrayList<>(interceptors);
    chain.add(new CallerInterceptor(config.clientTls().clientAuth()));
    chain.add(metrics.grpc());
    return all.map(service -> ServerInterceptors.intercept(service.bindService(), chain)).toList();
  }

  private Pages pages(StoreHealth health) {
    Map<String, Page> all = new HashMap<>(new HealthPages(health).pages());
    all.putAll(
        new FactPages(
                ReportedVersion.SERVER,
                ReportedVersion.CLUSTER,
                () -> Reply.ok(ServerMetrics.CONTENT_TYPE, metrics.print()))
            .pages());
    return new Pages(all);
  }

  /** When this returns, clients can connect. */
  void start() throws IOException {
    EventLoops loops =
        closing.add(new EventLoops(Math.max(2, Runtime.getRuntime().availableProcessors())));
    Origins origins =
        new Origins(new HashSet<>(config.cors()), new HashSet<>(config.hostWhitelist()));
    Optional<Gateway> gateway =
        config.gateway()
            ? Optional.of(new Gateway(services, config.limits().maxRequestBytes()))
            : Optional.empty();
    HttpSide full = new HttpPort(pages, gateway, origins);
    HttpSide factsOnly = new HttpPort(pages, Optional.empty(), origins);
    HttpSide nothing = new HttpPort(new Pages(Map.of()), Optional.empty(), origins);
    for (URI url : config.clientUrls()) {
      clients.add(startClients(url, loops, config.httpUrls().isEmpty() ? full : nothing));
    }
    for (URI url : config.httpUrls()) {
      startHttp(url, loops, full);
    }
    for (URI url : config.metricsUrls()) {
      startHttp(url, loops, factsOnly);
    }
  }

  private ClientListener startClients(URI url, EventLoops loops, HttpSide http) throws IOException {
    ClientListener listener =
        closing.add(
            new ClientListener(
                ListenUrl.of(url), tls, config.limits(), loops, services, metrics.grpc(), http));
    listener.start();
    return listener;
  }

  private void startHttp(URI url, EventLoops loops, HttpSide http) throws IOException {
    closing.add(new HttpListener(ListenUrl.of(url), tls, loops, http)).start();
  }

  /** Where clients connect, with the ports that were taken. */
  List<ListenUrl> clientUrls() {
    return clients.stream().map(ClientListener::url).toList();
  }

  @Override
  public void close() {
    closing.close();
  }
}
