package io.lodestone.replica.peer;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Our requests to other members' peer URLs. Thread-safe. */
public final class PeerClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int THREADS = 4;

  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS,
          task -> {
            Thread made = new Thread(task, "replica-peer-client");
            made.setDaemon(true);
            return made;
          });
  private final HttpClient client;

  /** With what to prove ourselves where members' URLs are https. */
  public PeerClient(Optional<PeerTls> tls) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .executor(threads);
    tls.ifPresent(given -> builder.sslContext(given.context()));
    client = builder.build();
  }

  /** Empty where whoever answers there is no member of etcd; fails where nobody does. */
  public Optional<PeerVersion> version(String peerUrl) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(peerUrl + "/version")).build();
    HttpResponse<String> response = await(client.sendAsync(request, BodyHandlers.ofString()));
    return response.statusCode() == HttpURLConnection.HTTP_OK
        ? PeerVersion.parse(response.body())
        : Optional.empty();
  }

  /**
   * Opens a member's stream, to be closed by the caller; etcd keeps it alive with a sign of life
   * every few seconds. Fails with an {@link ExpelledException} where we are no member any more.
   */
  InputStream open(StreamKind kind, PeerIdentity asker, long member, String peerUrl)
      throws IOException, InterruptedException {
    HttpRequest request =
        request(URI.create(peerUrl + kind.path(asker.memberId())), asker.headers())
            .header(PeerIdentity.TO, Long.toHexString(member))
            .build();
    HttpResponse<InputStream> response =
        await(client.sendAsync(request, BodyHandlers.ofInputStream()));
    if (response.statusCode() == HttpURLConnection.HTTP_OK) {
      return response.body();
    }
    response.body().close();
    if (response.statusCode() == HttpURLConnection.HTTP_GONE) {
      throw new ExpelledException(peerUrl);
    }
    throw new IOException(peerUrl + " refuses its stream with status " + response.statusCode());
  }

  /** Completes with the status. */
  CompletableFuture<Integer> post(byte[] message, PeerIdentity sender, String peerUrl) {
    HttpRequest request =
        request(URI.create(peerUrl + "/raft"), sender.headers())
            .header("Content-Type", "application/protobuf")
            .timeout(PATIENCE)
            .POST(HttpRequest.BodyPublishers.ofByteArray(message))
            .build();
    return client.sendAsync(request, BodyHandlers.discarding()).thenApply(HttpResponse::statusCode);
  }

  private static HttpRequest.Builder request(URI uri, Map<String, String> headers) {
    HttpRequest.Builder builder = HttpRequest.newBuilder(uri);
    headers.forEach(builder::header);
    return builder;
  }

  /** For the head of an answer; its body may come as late as it likes. */
  private static <T> T await(CompletableFuture<T> answer) throws IOException, InterruptedException {
    try {
      return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("no answer within " + PATIENCE.toSeconds() + " s", e);
    }
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
