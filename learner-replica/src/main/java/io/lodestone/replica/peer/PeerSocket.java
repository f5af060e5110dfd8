package io.lodestone.replica.peer;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import javax.net.ssl.SSLParameters;

/** The address that other members connect to, before it is known who we are. Thread-safe. */
public final class PeerSocket implements AutoCloseable {
  private final HttpServer server;
  private boolean started;

  private PeerSocket(HttpServer server) {
    this.server = server;
  }

  /**
   * Takes the address; members that connect wait. Fails with a hint where it cannot be had.
   *
   * @param tls empty for plain HTTP
   */
  public static PeerSocket bind(InetSocketAddress address, Optional<PeerTls> tls) {
    try {
      return new PeerSocket(
          tls.isPresent() ? secured(address, tls.get()) : HttpServer.create(address, 0));
    } catch (IOException e) {
      throw new LodestoneException(
          "cannot listen on " + address.getHostString() + ":" + address.getPort(),
          "is it in use, or not an address of this host? change --listen-peer-urls",
          e);
    }
  }

  private static HttpServer secured(InetSocketAddress address, PeerTls tls) throws IOException {
    HttpsServer server = HttpsServer.create(address, 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls.context()) {
          @Override
          public void configure(HttpsParameters connection) {
            SSLParameters parameters = tls.context().getDefaultSSLParameters();
            parameters.setNeedClientAuth(tls.clientCertificates());
            connection.setSSLParameters(parameters);
          }
        });
    return server;
  }

  HttpServer server() {
    return server;
  }

  /** Lets the server answer, once it knows what. */
  synchronized void start() {
    started = true;
    server.start();
  }

  /** Breaks all connections; the address is free again. */
  @Override
  public synchronized void close() {
    if (!started) {
      start(); // a server that has never run keeps its address, whatever it is told
    }
    server.stop(0);
  }
}
