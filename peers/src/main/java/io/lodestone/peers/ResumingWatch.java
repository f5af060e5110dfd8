package io.lodestone.peers;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchGrpc;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.api.mvccpb.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A watch over all keys that goes on behind its last event, at the next server, whenever a server
 * is gone, as clients do; what was compacted meanwhile it misses and says so. Thread-safe.
 */
public final class ResumingWatch implements AutoCloseable {
  private static final long PAUSE_MILLIS = 200;

  private final List<? extends Channel> servers;
  private final ScheduledExecutorService again =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "resuming-watch");
            thread.setDaemon(true);
            return thread;
          });
  private final List<Event> events = new ArrayList<>();
  private final List<Missed> missed = new ArrayList<>();
  private long next;
  private int attempts;
  private boolean closed;

  /** Revisions, both included, that were compacted before the watch had them. */
  public record Missed(long first, long last) {
    public boolean contains(long revision) {
      return first <= revision && revision <= last;
    }
  }

  private ResumingWatch(List<? extends Channel> servers, long first) {
    this.servers = servers;
    this.next = first;
  }

  /** Begins at revision {@code first}. */
  public static ResumingWatch from(List<? extends Channel> servers, long first) {
    ResumingWatch watch = new ResumingWatch(servers, first);
    watch.watch();
    return watch;
  }

  private synchronized void watch() {
    if (closed) {
      return;
    }
    Channel server = servers.get(attempts % servers.size());
    attempts++;
    if (server instanceof ManagedChannel channel) {
      channel.resetConnectBackoff();
    }
    new Responses().ask(server);
  }

  /** In the order they came. */
  public synchronized List<Event> events() {
    return List.copyOf(events);
  }

  public synchronized List<Missed> missed() {
    return List.copyOf(missed);
  }

  /** Of the last event, 0 before the first. */
  public synchronized long lastRevision() {
    return events.isEmpty() ? 0 : events.get(events.size() - 1).getKv().getModRevision();
  }

  private void take(WatchResponse response) {
    events.addAll(response.getEventsList());
    if (response.getEventsCount() > 0) {
      next = response.getEvents(response.getEventsCount() - 1).getKv().getModRevision() + 1;
    }
    if (response.getCanceled() && response.getCompactRevision() >= next) {
      // of the compacted revision itself, only the last change of each key is left
      missed.add(new Missed(next, response.getCompactRevision()));
      next = response.getCompactRevision() + 1;
    }
  }

  private synchronized void resume() {
    if (!closed) {
      Future<?> unused = again.schedule(this::watch, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    again.shutdownNow();
  }

  /** Of one attempt. */
  private final class Responses implements StreamObserver<WatchResponse> {
    private StreamObserver<WatchRequest> requests;

    /** Under the lock, which the first response waits for. */
    void ask(Channel server) {
      requests = WatchGrpc.newStub(server).watch(this);
      create();
    }

    private void create() {
      WatchCreateRequest.Builder all =
          WatchCreateRequest.newBuilder()
              .setKey(KeyRange.all().start())
              .setRangeEnd(KeyRange.all().end())
              .setStartRevision(next);
      requests.onNext(WatchRequest.newBuilder().setCreateRequest(all).build());
    }

    @Override
    public void onNext(WatchResponse response) {
      synchronized (ResumingWatch.this) {
        take(response);
        if (response.getCanceled()) {
          create();
        }
      }
    }

    @Override
    public void onError(Throwable t) {
      resume();
    }

    @Override
    public void onCompleted() {
      resume();
    }
  }
}
