package io.lodestone.conformance.robust;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Between one client and a server; from {@link #stall} on it takes bytes and passes none on.
 * Thread-safe.
 */
final class StallingProxy implements AutoCloseable {
  private final ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final Socket server;
  private volatile boolean stalled;
  private volatile boolean hungUp;

  StallingProxy(String endpoint) throws IOException {
    String[] address = endpoint.split(":", 2);
    server = new Socket(address[0], Integer.parseInt(address[1]));
    start(this::accept);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "proxy");
    thread.setDaemon(true);
    thread.start();
  }

  String endpoint() {
    return "127.0.0.1:" + listening.getLocalPort();
  }

  void stall() {
    stalled = true;
  }

  boolean serverHasHungUp() {
    return hungUp;
  }

  private void accept() {
    try (Socket client = listening.accept()) {
      start(() -> pass(client, server));
      pass(server, client);
      hungUp = true;
    } catch (IOException e) {
      // Closed before a client came.
      hungUp = true;
    }
  }

  /** Until one side ends. */
  private void pass(Socket from, Socket to) {
    byte[] piece = new byte[8192];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        if (!stalled) {
          out.write(piece, 0, read);
        }
      }
    } catch (IOException e) {
      // A reset is an end as well.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    server.close();
  }
}
