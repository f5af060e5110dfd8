package io.lodestone.conformance.cluster;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One client of jetcd, which knows all members. */
final class JetcdUser extends ToolUser {
  private static final long PATIENCE_SECONDS = 60;

  private final Client client;

  JetcdUser(List<String> endpoints, Queue<Throwable> surprises) {
    super("jetcd", surprises);
    String[] urls = endpoints.stream().map(endpoint -> "http://" + endpoint).toArray(String[]::new);
    this.client = Client.builder().endpoints(urls).build();
  }

  @Override
  void put(String ownKey, String value) throws Failed, InterruptedException {
    var unused = answer(client.getKVClient().put(bytes(ownKey), bytes(value)));
  }

  @Override
  String get(String ownKey) throws Failed, InterruptedException {
    var found = answer(client.getKVClient().get(bytes(ownKey))).getKvs();
    return found.isEmpty() ? "" : found.get(0).getValue().toString();
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  private static <T> T answer(CompletableFuture<T> asked) throws Failed, InterruptedException {
    try {
      return asked.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Status status = Status.fromThrowable(e);
      throw new Failed(status.getCode() + " " + status.getDescription());
    } catch (TimeoutException e) {
      throw new Failed("no answer in " + PATIENCE_SECONDS + " s");
    }
  }

  @Override
  public void close() {
    super.close();
    client.close();
  }
}
