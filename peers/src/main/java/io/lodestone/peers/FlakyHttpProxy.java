package io.lodestone.peers;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * An HTTP proxy for the clients of an object store, which fails in all the ways that a network and
 * a store do. Clients that go through it keep the server's address: {@code http.proxyHost} and
 * {@code http.proxyPort} of their JVM name the proxy. One request for each connection. Thread-safe.
 */
public final class FlakyHttpProxy implements AutoCloseable {
  private static final int MOST_HEAD_BYTES = 64 << 10;
  private static final Duration STALL = Duration.ofSeconds(3);
  private static final int SLOW_BYTES_PER_SECOND = 64 << 10;
  private static final int PIECE_BYTES = 1 << 10;

  private final ServerSocket listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ConcurrentMap<String, Duration> slowest = new ConcurrentHashMap<>();

  @GuardedBy("this")
  private final Random random;

  @GuardedBy("this")
  private final Map<Fault, Integer> happened = new EnumMap<>(Fault.class);

  private volatile double trouble;
  private volatile boolean isCut;

  /** What can become of one request. */
  public enum Fault {
    /** An answer of 500, and the request goes no further. */
    SERVER_ERROR,
    /** An answer of 503 with {@code SlowDown}, and the request goes no further. */
    THROTTLED,
    /** The connection ends before the request was sent on. */
    RESET,
    /** The server gets half of the body, then the connection ends. */
    HALF_SENT,
    /** The server does it, and nobody is told. */
    ANSWER_LOST,
    /** The client gets half of the answer. */
    HALF_ANSWERED,
    /** Nothing happens for 3 s, then the connection ends. */
    STALLED,
    /** Both ways at 64 KiB each second. */
    SLOW
  }

  private record Request(String method, URI uri, List<String> headers, ByteString body) {
    /** As the server wants it, to be answered on a connection that then ends. */
    byte[] forServer() {
      String path = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
      String head =
          method
              + " "
              + path
              + " HTTP/1.1\r\n"
              + headers.stream()
                  .filter(line -> !isHop(line))
                  .map(line -> line + "\r\n")
                  .collect(Collectors.joining())
              + "Connection: close\r\n\r\n";
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      whole.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
      whole.writeBytes(body.toByteArray());
      return whole.toByteArray();
    }

    private static boolean isHop(String header) {
      String name = header.toLowerCase(Locale.ROOT);
      return name.startsWith("connection:")
          || name.startsWith("proxy-connection:")
          || name.startsWith("expect:");
    }
  }

  /** A proxy without trouble, so far. */
  public FlakyHttpProxy(long seed) throws IOException {
    this.random = new Random(seed);
    start(this::accept);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "flaky-http-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  /** On loopback. */
  public int port() {
    return listening.getLocalPort();
  }

  /** From now on this part of the requests meets a fault, each kind as often as any other. */
  public void trouble(double part) {
    trouble = part;
  }

  /** Ends every connection, and each new one at once, until it is healed. */
  public void cut() {
    isCut = true;
    sockets.forEach(FlakyHttpProxy::end);
  }

  public void heal() {
    isCut = false;
  }

  /** How often each fault has happened. */
  public synchronized Map<Fault, Integer> happened() {
    return new EnumMap<>(happened);
  }

  /**
   * How long the slowest request of that method took that was answered without a fault, from its
   * last byte to the answer's, since {@link #forgetTimes}; zero where there was none.
   */
  public Duration slowest(String method) {
    return slowest.getOrDefault(method, Duration.ZERO);
  }

  /** What is measured begins anew. */
  public void forgetTimes() {
    slowest.clear();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        start(() -> serve(client));
      } catch (IOException e) {
        // Closed: nobody is left to be told.
        return;
      }
    }
  }

  private void serve(Socket client) {
    sockets.add(client);
    try (client) {
      if (!isCut) {
        Request request = read(client);
        Optional<Fault> fault = draw();
        if (fault.isPresent()) {
          fail(fault.get(), request, client);
        } else {
          serve(request, client);
        }
      }
    } catch (IOException e) {
      // Either side hung up, or was cut off: the client sees the end of its connection.
      return;
    } finally {
      sockets.remove(client);
    }
  }

  private void serve(Request request, Socket client) throws IOException {
    long begun = System.nanoTime();
    client.getOutputStream().write(ask(request, request.forServer()));
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    slowest.merge(request.method(), took, (one, other) -> one.compareTo(other) < 0 ? other : one);
  }

  private synchronized Optional<Fault> draw() {
    if (random.nextDouble() >= trouble) {
      return Optional.empty();
    }
    Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
    happened.merge(fault, 1, Integer::sum);
    return Optional.of(fault);
  }

  private void fail(Fault fault, Request request, Socket client) throws IOException {
    OutputStream out = client.getOutputStream();
    byte[] whole = request.forServer();
    switch (fault) {
      case SERVER_ERROR -> out.write(error("500 Internal Server Error", "InternalError"));
      case THROTTLED -> out.write(error("503 Slow Down", "SlowDown"));
      case RESET -> client.setSoLinger(true, 0);
      case HALF_SENT -> {
        try (Socket server = server(request)) {
          server.getOutputStream().write(whole, 0, whole.length - request.body().size() / 2 - 1);
        }
      }
      case ANSWER_LOST -> {
        byte[] unused = ask(request, whole);
      }
      case HALF_ANSWERED -> {
        byte[] answer = ask(request, whole);
        out.write(answer, 0, answer.length / 2);
      }
      case STALLED -> LockSupport.parkNanos(STALL.toNanos());
      case SLOW -> {
        pause(whole.length);
        writeSlowly(ask(request, whole), out);
      }
    }
  }

  private static byte[] error(String status, String code) {
    String body = "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code></Error>";
    String answer =
        "HTTP/1.1 "
            + status
            + "\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    return answer.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void writeSlowly(byte[] answer, OutputStream out) throws IOException {
    for (int at = 0; at < answer.length; at += PIECE_BYTES) {
      int length = Math.min(PIECE_BYTES, answer.length - at);
      out.write(answer, at, length);
      pause(length);
    }
  }

  private static void pause(int bytes) {
    LockSupport.parkNanos(1_000_000_000L * bytes / SLOW_BYTES_PER_SECOND);
  }

  private byte[] ask(Request request, byte[] whole) throws IOException {
    try (Socket server = server(request)) {
      server.getOutputStream().write(whole);
      return server.getInputStream().readAllBytes();
    } finally {
      sockets.removeIf(Socket::isClosed);
    }
  }

  private Socket server(Request request) throws IOException {
    Socket server = new Socket(request.uri().getHost(), request.uri().getPort());
    sockets.add(server);
    return server;
  }

  private static Request read(Socket client) throws IOException {
    InputStream in = new BufferedInputStream(client.getInputStream());
    List<String> head = List.of(head(in).split("\r\n", -1));
    String[] first = head.get(0).split(" ", 3);
    List<String> headers = head.subList(1, head.size() - 2);
    if (header(headers, "expect").isPresent()) {
      client
          .getOutputStream()
          .write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
    }
    int length = Integer.parseInt(header(headers, "content-length").orElse("0"));
    ByteString body = ByteString.copyFrom(in.readNBytes(length));
    if (body.size() < length || header(headers, "transfer-encoding").isPresent()) {
      throw new EOFException("a body of " + body.size() + " bytes, not of " + length);
    }
    return new Request(first[0], URI.create(first[1]), headers, body);
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      int next = in.read();
      if (next < 0 || head.length() > MOST_HEAD_BYTES) {
        throw new EOFException("a request without an end");
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static Optional<String> header(List<String> headers, String name) {
    return headers.stream()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst();
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException("a socket cannot be closed", e);
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    cut();
  }
}
