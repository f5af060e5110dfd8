package io.lodestone.server.concurrency;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.lodestone.api.v3electionpb.LeaderResponse;
import io.lodestone.auth.Identity;
import io.lodestone.mvcc.ChangeListener;
import io.lodestone.mvcc.log.Change;
import io.lodestone.server.call.ResponseHeaders;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** Everybody who watches an election, and the changes that concern them. Thread-safe. */
public final class Observations implements ChangeListener {
  private final Set<Observation> all = ConcurrentHashMap.newKeySet();
  private final StoreCalls store;
  private final ResponseHeaders headers;
  private final Executor executor;

  /** Observers are told on {@code executor}, which must take a task for each of them. */
  public Observations(StoreCalls store, ResponseHeaders headers, Executor executor) {
    this.store = store;
    this.headers = headers;
    this.executor = executor;
  }

  void begin(Identity user, ByteString prefix, ServerCallStreamObserver<LeaderResponse> out) {
    Observation observation = new Observation(store, user, prefix, headers, out, executor);
    out.setOnCancelHandler(() -> all.remove(observation));
    out.setOnReadyHandler(observation::wake);
    all.add(observation);
    observation.wake();
  }

  @Override
  public void changed(long head, List<Change> changes) {
    for (Observation observation : all) {
      observation.changed(changes);
    }
  }
}
