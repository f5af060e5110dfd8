package io.lodestone.replica.peer;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.raftpb.Message;
import io.lodestone.api.raftpb.MessageType;
import io.lodestone.etcdfile.db.MemberJson;
import io.lodestone.replica.peer.Arrival.Database;
import io.lodestone.replica.peer.Arrival.Said;
import io.lodestone.replica.peer.Arrival.Unkept;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where other members reach us.
 *
 * <pre>{@code
 * GET  /raft/stream/msgapp/<hex id>, /raft/stream/message/<hex id>   an answer without end
 * POST /raft            raftpb.Message                       204 once it waits in the inbox
 * POST /raft/snapshot   length u64 BE | Message | database   204 once the database is ours
 * GET  /raft/probing, /version
 * GET  /members                                              the members as JSON
 * GET  /members/hashkv  {"revision":N}                       {"header":{"revision":N},"hash":N,"compact_revision":N}
 * }</pre>
 *
 * What is for another cluster or member is refused with 412. Thread-safe.
 */
final class PeerPort implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerPort.class);
  private static final int THREADS = 16;
  private static final int NO_BODY = -1;
  private static final int UNTIL_CLOSED = 0;
  private static final int MOST_QUESTION = 4096;
  private static final int COPY_BYTES = 256 << 10;

  private final PeerSocket socket;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS,
          task -> {
            Thread made = new Thread(task, "replica-peer-port");
            made.setDaemon(true);
            return made;
          });
  private final PeerIdentity self;
  private final Path spool;
  private final Inbox inbox;
  private final OutboundStreams streams;
  private final PeerAnswers answers;
  private final Semaphore database = new Semaphore(1);
  private final Semaphore hash = new Semaphore(1);

  /**
   * Answers nothing yet.
   *
   * @param socket stays the caller's to close, after this
   * @param spool where a database under way is kept
   * @param version what to answer at {@code /version}, if anything is known
   * @param answers about our copy
   */
  PeerPort(
      PeerSocket socket,
      PeerIdentity self,
      Path spool,
      Inbox inbox,
      OutboundStreams streams,
      Supplier<Optional<PeerVersion>> version,
      PeerAnswers answers) {
    this.self = self;
    this.spool = spool;
    this.inbox = inbox;
    this.streams = streams;
    this.socket = socket;
    this.answers = answers;
    HttpServer server = socket.server();
    server.createContext("/", exchange -> reply(exchange, HttpURLConnection.HTTP_NOT_FOUND));
    for (StreamKind kind : StreamKind.values()) {
      String path = kind.path(0);
      server.createContext(
          path.substring(0, path.lastIndexOf('/') + 1), exchange -> stream(exchange, kind));
    }
    server.createContext("/raft", this::message);
    server.createContext("/raft/snapshot", this::database);
    server.createContext(
        "/raft/probing",
        exchange -> json(exchange, Optional.of("{\"OK\":true,\"Now\":\"" + Instant.now() + "\"}")));
    server.createContext(
        "/version", exchange -> json(exchange, version.get().map(PeerVersion::json)));
    server.createContext("/members", this::members);
    server.createContext("/members/hashkv", this::hash);
    server.setExecutor(threads);
  }

  void start() {
    socket.start();
  }

  private void stream(HttpExchange exchange, StreamKind kind) throws IOException {
    if (!begins(exchange, "GET")) {
      return;
    }
    String to = exchange.getRequestHeaders().getFirst(PeerIdentity.TO);
    if (!Long.toHexString(self.memberId()).equals(to)) {
      reply(exchange, HttpURLConnection.HTTP_PRECON_FAILED);
      return;
    }
    exchange.getResponseHeaders().set(PeerIdentity.SERVER_VERSION, PeerIdentity.VERSION);
    exchange.sendResponseHeaders(HttpURLConnection.HTTP_OK, UNTIL_CLOSED);
    streams.add(exchange.getResponseBody(), kind);
  }

  private void message(HttpExchange exchange) throws IOException {
    if (!begins(exchange, "POST")) {
      return;
    }
    byte[] body = exchange.getRequestBody().readNBytes(Frames.MOST_BYTES + 1);
    if (body.length > Frames.MOST_BYTES) {
      reply(exchange, HttpURLConnection.HTTP_ENTITY_TOO_LARGE);
      return;
    }
    try {
      inbox.put(new Said(Message.parseFrom(body)));
      reply(exchange, HttpURLConnection.HTTP_NO_CONTENT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exchange.close();
    }
  }

  /** One at a time: the others are sent again later. */
  private void database(HttpExchange exchange) throws IOException {
    if (!begins(exchange, "POST")) {
      return;
    }
    if (!database.tryAcquire()) {
      reply(exchange, HttpURLConnection.HTTP_UNAVAILABLE);
      return;
    }
    try {
      reply(exchange, take(exchange.getRequestBody()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exchange.close();
    } finally {
      database.release();
    }
  }

  /** The status to answer with. */
  private int take(InputStream body) throws IOException, InterruptedException {
    DataInputStream in = new DataInputStream(body);
    Message message = Frames.read(in, Message.parser(), Frames.MOST_BYTES);
    if (message.getType() != MessageType.MsgSnap) {
      return HttpURLConnection.HTTP_BAD_REQUEST;
    }
    LOG.atInfo()
        .addKeyValue("index", message.getSnapshot().getMetadata().getIndex())
        .addKeyValue("from", Long.toHexString(message.getFrom()))
        .log("the leader sends its database");
    Path file = Files.createTempFile(spool, "received-", ".db");
    try {
      keep(in, file);
      CompletableFuture<Void> taken = new CompletableFuture<>();
      inbox.put(new Database(message, file, taken));
      taken.get();
      return HttpURLConnection.HTTP_NO_CONTENT;
    } catch (ExecutionException e) {
      LOG.atWarn().setCause(e).log("the leader's database could not be taken");
      return HttpURLConnection.HTTP_INTERNAL_ERROR;
    } catch (LodestoneException e) {
      inbox.put(new Unkept(e));
      return HttpURLConnection.HTTP_INTERNAL_ERROR;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** A connection that breaks is the sender's affair; a disk that takes nothing is ours. */
  private static void keep(InputStream in, Path file) throws IOException {
    byte[] part = new byte[COPY_BYTES];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int length = in.read(part); length >= 0; length = in.read(part)) {
        write(part, length, out, file);
      }
    }
  }

  private static void write(byte[] part, int length, OutputStream out, Path file) {
    try {
      out.write(part, 0, length);
    } catch (IOException e) {
      throw new LodestoneException(
          "the leader's database cannot be kept in " + file + ": " + e.getMessage(),
          "give --data-dir a disk with room for the database and for the copy, and start again",
          e);
    }
  }

  private void members(HttpExchange exchange) throws IOException {
    nameCluster(exchange);
    String members =
        answers.members().stream()
            .map(MemberJson::encode)
            .collect(Collectors.joining(",", "[", "]"));
    json(exchange, Optional.of(members));
  }

  /** One at a time, since it reads the whole keyspace: the others get none. */
  private void hash(HttpExchange exchange) throws IOException {
    String cluster = nameCluster(exchange);
    String asked = exchange.getRequestHeaders().getFirst(PeerIdentity.CLUSTER_ID);
    if (asked != null && !asked.equals(cluster)) {
      text(exchange, HttpURLConnection.HTTP_PRECON_FAILED, "cluster ID mismatch");
      return;
    }
    if (!hash.tryAcquire()) {
      json(exchange, Optional.empty());
      return;
    }
    try {
      json(exchange, Optional.of(hashOf(exchange.getRequestBody().readNBytes(MOST_QUESTION))));
    } catch (InvalidProtocolBufferException e) {
      text(exchange, HttpURLConnection.HTTP_BAD_REQUEST, "error unmarshalling request");
    } catch (StoreException e) {
      text(exchange, HttpURLConnection.HTTP_BAD_REQUEST, e.code().text());
    } finally {
      hash.release();
    }
  }

  private String hashOf(byte[] question) throws IOException {
    HashKVRequest.Builder request = HashKVRequest.newBuilder();
    JsonFormat.parser()
        .ignoringUnknownFields()
        .merge(new String(question, StandardCharsets.UTF_8), request);
    PeerAnswers.Hashed hashed = answers.hash(request.getRevision());
    return "{\"header\":{\"revision\":"
        + hashed.reached()
        + "},\"hash\":"
        + Integer.toUnsignedString(hashed.hash().hash())
        + ",\"compact_revision\":"
        + hashed.hash().compactRevision()
        + "}";
  }

  private static void json(HttpExchange exchange, Optional<String> answer) throws IOException {
    if (answer.isEmpty()) {
      reply(exchange, HttpURLConnection.HTTP_UNAVAILABLE);
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    text(exchange, HttpURLConnection.HTTP_OK, answer.get());
  }

  private static void text(HttpExchange exchange, int status, String answer) throws IOException {
    byte[] body = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    try (exchange) {
      exchange.getResponseBody().write(body);
    }
  }

  /** Whether to go on; where not, the answer was given. */
  private boolean begins(HttpExchange exchange, String method) throws IOException {
    String cluster = nameCluster(exchange);
    if (!exchange.getRequestMethod().equals(method)) {
      reply(exchange, HttpURLConnection.HTTP_BAD_METHOD);
      return false;
    }
    if (!cluster.equals(exchange.getRequestHeaders().getFirst(PeerIdentity.CLUSTER_ID))) {
      reply(exchange, HttpURLConnection.HTTP_PRECON_FAILED);
      return false;
    }
    return true;
  }

  private String nameCluster(HttpExchange exchange) {
    String cluster = Long.toHexString(self.clusterId());
    exchange.getResponseHeaders().set(PeerIdentity.CLUSTER_ID, cluster);
    return cluster;
  }

  private static void reply(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, NO_BODY);
    exchange.close();
  }

  /** Answers nothing more; streams end with the socket. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
