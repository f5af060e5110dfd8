package io.lodestone.peers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The network between clients and one server, which can fail: connections through it are cut, or go
 * silent with nobody told. Thread-safe.
 */
public final class NetworkLink implements AutoCloseable {
  private static final int PIECE_BYTES = 8192;

  private static final int BACKLOG = 50;

  private final ServerSocket listening;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final String server;
  private final AtomicLong passed = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private volatile State state = State.OPEN;
  private volatile long silentAfter = Long.MAX_VALUE;
  private volatile long pauseMillis;

  private enum State {
    OPEN,
    CUT,
    SILENT
  }

  private NetworkLink(ServerSocket listening, String server) {
    this.listening = listening;
    this.server = server;
  }

  /** A link that works, to {@code server}, which is {@code host:port}. */
  public static NetworkLink to(String server) throws IOException {
    return open(new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()), server);
  }

  /** The same, on the port of the server, at another address of this machine. */
  public static NetworkLink at(String address, String server) throws IOException {
    int port = Integer.parseInt(server.substring(server.lastIndexOf(':') + 1));
    return open(new ServerSocket(port, BACKLOG, InetAddress.getByName(address)), server);
  }

  private static NetworkLink open(ServerSocket listening, String server) {
    NetworkLink link = new NetworkLink(listening, server);
    start(link::accept);
    return link;
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "network-link");
    thread.setDaemon(true);
    thread.start();
  }

  /** {@code host:port} for the clients. */
  public String endpoint() {
    return listening.getInetAddress().getHostAddress() + ":" + listening.getLocalPort();
  }

  /** Ends every connection, and each new one at once. */
  public void cut() {
    state = State.CUT;
    sockets.forEach(NetworkLink::end);
  }

  /** Connections stay, new ones are taken, and what is sent gets lost, until it is cut. */
  public void silence() {
    state = State.SILENT;
  }

  /** Whatever comes at once, 8 KiB at most, takes so long in either direction; 0 for no time. */
  public void slowDown(long millis) {
    pauseMillis = millis;
  }

  /** The same as {@link #silence}, once so many bytes in all have passed in either direction. */
  public void silenceAfter(long bytes) {
    silentAfter = bytes;
  }

  /** How many bytes have passed since the link was made or healed. */
  public long passedBytes() {
    return passed.get();
  }

  /** How many connections were ended at once, in all, because the link was cut. */
  public long refusedConnections() {
    return refused.get();
  }

  /** New connections work again; those that lost something have to end first. */
  public void heal() {
    cut();
    silentAfter = Long.MAX_VALUE;
    passed.set(0);
    state = State.OPEN;
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        connect(listening.accept());
      } catch (IOException e) {
        // this link is closed, or the server is away, which the client sees by its connection
      }
    }
  }

  private void connect(Socket client) throws IOException {
    sockets.add(client);
    if (state == State.CUT) {
      refused.incrementAndGet();
      end(client);
      return;
    }
    String[] address = server.split(":", 2);
    try {
      Socket onward = new Socket(address[0], Integer.parseInt(address[1]));
      sockets.add(onward);
      start(() -> pass(client, onward));
      start(() -> pass(onward, client));
    } catch (IOException e) {
      end(client);
      throw e;
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] piece = new byte[PIECE_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        if (passed.get() >= silentAfter) {
          silence();
        }
        TimeUnit.MILLISECONDS.sleep(pauseMillis);
        if (state == State.OPEN) {
          out.write(piece, 0, read);
          passed.addAndGet(read);
        }
      }
    } catch (IOException e) {
      // a reset is an end as well
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does; were it so, this connection would end
    } finally {
      end(from);
      end(to);
    }
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
  }
}
