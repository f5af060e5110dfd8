package io.lodestone.server.watch;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.KeyRange;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.mvcc.watch.WatchFilter;
import io.lodestone.mvcc.watch.WatchHub;
import io.lodestone.mvcc.watch.Watcher;
import io.lodestone.server.call.Access;
import io.lodestone.server.metrics.WatchMetrics;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One client's watches. Requests come one at a time, on the call's thread; the outbox and the timer
 * may come on any.
 */
final class WatchStream implements StreamObserver<WatchRequest> {
  private static final long INVALID_ID = -1;
  private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

  private final WatchHub hub;
  private final Access access;
  private final Answering answering;
  private final ServerCallStreamObserver<WatchAnswer> client;
  private final Outbox outbox;
  private final ProgressTimer timer;
  private final WatchMetrics metrics;

  /**
   * By id; changed on the call's thread only. A watcher that has ended keeps its id, as in etcd.
   */
  private final Map<Long, Entry> watches = new ConcurrentHashMap<>();

  /** The next request is read once there is room for its answer. */
  private final AtomicBoolean held = new AtomicBoolean();

  private final AtomicBoolean ended = new AtomicBoolean();
  private long nextId;

  /** A watch, and its watcher in the hub. */
  private record Entry(ClientWatch watch, Watcher watcher) {}

  WatchStream(
      WatchHub hub,
      Access access,
      Answering answering,
      SharedRoom room,
      ProgressTimer.Interval interval,
      WatchMetrics metrics,
      ServerCallStreamObserver<WatchAnswer> client) {
    this.hub = hub;
    this.access = access;
    this.answering = answering;
    this.client = client;
    this.outbox = new Outbox(client, room, metrics, this::drained);
    this.metrics = metrics;
    this.timer = interval.timer(this::tellIdle);
    client.disableAutoRequest();
    client.setOnReadyHandler(outbox::send);
    client.setOnCancelHandler(this::end);
  }

  void start() {
    metrics.streamOpened();
    client.request(1);
  }

  @Override
  public void onNext(WatchRequest request) {
    switch (request.getRequestUnionCase()) {
      case CREATE_REQUEST -> create(request.getCreateRequest());
      case CANCEL_REQUEST -> cancel(request.getCancelRequest().getWatchId());
      case PROGRESS_REQUEST -> progress();
      case REQUESTUNION_NOT_SET -> {
        // etcd passes over what it does not know.
      }
    }
    if (outbox.isFull()) {
      held.set(true);
      outbox.tellIfDrained();
    } else {
      client.request(1);
    }
  }

  private void create(WatchCreateRequest request) {
    KeyRange range =
        new KeyRange(request.getKey().isEmpty() ? ZERO : request.getKey(), request.getRangeEnd());
    io.lodestone.mvcc.watch.WatchRequest wanted =
        new io.lodestone.mvcc.watch.WatchRequest(
            range, request.getStartRevision(), filters(request), request.getPrevKv());
    if (request.getStartRevision() < 0) {
      refuse(Refusals.NEGATIVE_START);
      return;
    }
    try {
      access.checkRange(access.user(), range.start(), range.end());
    } catch (StoreException e) {
      refuse(Refusals.of(e));
      return;
    }
    if (wanted.isEmpty()) {
      refuse(Refusals.EMPTY_RANGE);
    } else if (request.getWatchId() != 0 && watches.containsKey(request.getWatchId())) {
      refuse(Refusals.DUPLICATE_ID);
    } else {
      add(request, wanted);
    }
  }

  private static Set<WatchFilter> filters(WatchCreateRequest request) {
    Set<WatchFilter> filters = EnumSet.noneOf(WatchFilter.class);
    for (WatchCreateRequest.FilterType filter : request.getFiltersList()) {
      switch (filter) {
        case NOPUT -> filters.add(WatchFilter.NO_PUT);
        case NODELETE -> filters.add(WatchFilter.NO_DELETE);
        case UNRECOGNIZED -> {
          // etcd passes over what it does not know.
        }
      }
    }
    return filters;
  }

  private void add(WatchCreateRequest request, io.lodestone.mvcc.watch.WatchRequest wanted) {
    long id = request.getWatchId() == 0 ? freeId() : request.getWatchId();
    ClientWatch watch = new ClientWatch(id, request, answering, outbox);
    watches.put(id, new Entry(watch, hub.watch(wanted, watch)));
    if (watch.wantsProgress()) {
      timer.start();
    }
  }

  /** From 0 on, passing over those that the client has chosen itself. */
  private long freeId() {
    while (watches.containsKey(nextId)) {
      nextId++;
    }
    return nextId++;
  }

  /** Told in its turn, behind the answers to earlier requests. */
  private void refuse(String reason) {
    hub.revision(
        revision ->
            outbox.put(
                WatchAnswer.of(
                    answering
                        .at(revision)
                        .setWatchId(INVALID_ID)
                        .setCreated(true)
                        .setCanceled(true)
                        .setCancelReason(reason)
                        .build())));
  }

  /** Of an unknown id nothing is said. */
  private void cancel(long id) {
    Entry entry = watches.remove(id);
    if (entry != null) {
      entry.watcher.cancel(
          revision ->
              outbox.put(
                  WatchAnswer.of(answering.at(revision).setWatchId(id).setCanceled(true).build())));
    }
  }

  private void progress() {
    List<Watcher> living =
        watches.values().stream()
            .filter(entry -> !entry.watch.isOver())
            .map(Entry::watcher)
            .toList();
    hub.progress(living, revision -> tellProgress(INVALID_ID, revision));
  }

  private void tellProgress(long id, long revision) {
    outbox.put(WatchAnswer.of(answering.at(revision).setWatchId(id).build()));
  }

  /** An interval is over. */
  private void tellIdle() {
    for (Entry entry : watches.values()) {
      if (entry.watch.isDueForProgress()) {
        hub.progress(List.of(entry.watcher), revision -> tellProgress(entry.watch.id(), revision));
      }
    }
  }

  /** There is room: for those who were refused it, and for the next request. */
  private void drained() {
    if (held.getAndSet(false)) {
      client.request(1);
    }
    for (Entry entry : watches.values()) {
      if (entry.watch.takeRefusal()) {
        entry.watcher.resume();
      }
    }
  }

  @Override
  public void onError(Throwable t) {
    end();
  }

  /** The client has nothing more to ask; its watches go on. */
  @Override
  public void onCompleted() {}

  private void end() {
    if (ended.getAndSet(true)) {
      return;
    }
    metrics.streamClosed();
    timer.stop();
    outbox.close();
    watches.values().forEach(entry -> entry.watcher.cancel(revision -> {}));
    watches.clear();
  }
}
