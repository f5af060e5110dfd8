package io.lodestone.repository.objects;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A line to a server over which each answer takes a while, and each connection has so many bytes a
 * second. Thread-safe.
 */
public final class SlowLine implements AutoCloseable {
  private static final int PIECE_BYTES = 16 << 10;
  private static final int PIECES_UNDER_WAY = 256;

  private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final String host;
  private final int port;
  private final Duration delay;
  private final long bytesPerSecond;

  /**
   * @param endpoint {@code http://host:port}
   */
  public SlowLine(String endpoint, Duration delay, long bytesPerSecond) throws IOException {
    String[] address = endpoint.replaceFirst("http://", "").split(":", 2);
    this.host = address[0];
    this.port = Integer.parseInt(address[1]);
    this.delay = delay;
    this.bytesPerSecond = bytesPerSecond;
    start(this::accept);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "slow-line");
    thread.setDaemon(true);
    thread.start();
  }

  public String endpoint() {
    return "http://127.0.0.1:" + listening.getLocalPort();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Socket server = new Socket(host, port);
        start(() -> passAtOnce(client, server));
        start(() -> passSlowly(server, client));
      } catch (IOException e) {
        // Closed, or the server is: nobody is left to be told.
        return;
      }
    }
  }

  private static void passAtOnce(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // One side hung up; both are closed.
      return;
    }
  }

  /** Some bytes, and when they arrive. */
  private static final class Piece {
    private final byte[] bytes;
    private final long nanos;

    Piece(byte[] bytes, long nanos) {
      this.bytes = bytes;
      this.nanos = nanos;
    }
  }

  private void passSlowly(Socket from, Socket to) {
    BlockingQueue<Piece> underWay = new ArrayBlockingQueue<>(PIECES_UNDER_WAY);
    start(() -> deliver(underWay, to));
    long last = System.nanoTime();
    try {
      InputStream in = from.getInputStream();
      byte[] bytes = in.readNBytes(0);
      do {
        long arrives = Math.max(last, System.nanoTime() + delay.toNanos());
        last = arrives + bytes.length * 1_000_000_000L / bytesPerSecond;
        underWay.put(new Piece(bytes, last));
        byte[] piece = new byte[PIECE_BYTES];
        int count = in.read(piece);
        bytes = count < 0 ? new byte[0] : Arrays.copyOf(piece, count);
      } while (bytes.length > 0);
      underWay.put(new Piece(new byte[0], 0));
    } catch (IOException e) {
      // One side hung up; both are closed.
      boolean unused = underWay.offer(new Piece(new byte[0], 0));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void deliver(BlockingQueue<Piece> underWay, Socket to) {
    try (to) {
      OutputStream out = to.getOutputStream();
      for (Piece piece = underWay.take(); piece.nanos != 0; piece = underWay.take()) {
        for (long wait = piece.nanos - System.nanoTime();
            wait > 0;
            wait = piece.nanos - System.nanoTime()) {
          LockSupport.parkNanos(wait);
        }
        out.write(piece.bytes);
      }
    } catch (IOException e) {
      // One side hung up; both are closed.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
