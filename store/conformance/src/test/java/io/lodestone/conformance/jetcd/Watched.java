package io.lodestone.conformance.jetcd;

import static io.lodestone.conformance.jetcd.Transcript.bytes;
import static io.lodestone.conformance.jetcd.Transcript.text;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.Watch.Watcher;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What one watch has told. Thread-safe. */
final class Watched implements Watch.Listener, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private final Watcher watcher;

  Watched(Client client, String key, WatchOption option) {
    this.watcher = client.getWatchClient().watch(bytes(key), option, this);
  }

  @Override
  public void onNext(WatchResponse response) {
    for (WatchEvent event : response.getEvents()) {
      events.add(
          "%s %s before %s"
              .formatted(event.getEventType(), text(event.getKeyValue()), text(event.getPrevKV())));
    }
  }

  @Override
  public void onError(Throwable cause) {
    failure.complete(cause);
  }

  @Override
  public void onCompleted() {}

  /** The next events; fails where they do not come, or one more comes. */
  List<String> take(int count) {
    await().atMost(PATIENCE).until(() -> events.size() >= count);
    List<String> taken = Stream.generate(events::poll).limit(count).toList();
    if (!events.isEmpty()) {
      throw new AssertionError("one event too many: " + events);
    }
    return taken;
  }

  /** Why the watch has ended. */
  Throwable failure() throws Exception {
    return failure.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  static void awaitKeys(Client client, String prefix, int count) {
    GetOption counting = GetOption.builder().isPrefix(true).withCountOnly(true).build();
    await()
        .atMost(PATIENCE)
        .until(() -> client.getKVClient().get(bytes(prefix), counting).get().getCount() == count);
  }

  @Override
  public void close() {
    watcher.close();
  }
}
