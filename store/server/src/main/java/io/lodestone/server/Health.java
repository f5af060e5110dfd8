package io.lodestone.server;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.server.http.StoreHealth;
import io.lodestone.server.metrics.ServerMetrics;
import io.lodestone.server.proposal.Proposals;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What health is judged by, asked of a running store. Thread-safe. */
final class Health implements StoreHealth {
  private static final RangeRequest ANY_KEY =
      RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("health")).setKeysOnly(true).build();

  private final Engine engine;
  private final Proposals proposals;
  private final BooleanSupplier learns;
  private final Supplier<Optional<String>> fault;
  private final ServerMetrics metrics;

  /**
   * @param learns whether this is a learner, to which nobody should be sent
   * @param fault why this server needs a person, if it does
   */
  Health(
      Engine engine,
      Proposals proposals,
      BooleanSupplier learns,
      Supplier<Optional<String>> fault,
      ServerMetrics metrics) {
    this.engine = engine;
    this.proposals = proposals;
    this.learns = learns;
    this.fault = fault;
    this.metrics = metrics;
  }

  @Override
  public List<AlarmMember> alarms() {
    return engine.alarms().raised();
  }

  @Override
  public boolean diskFull() {
    return engine.diskFull();
  }

  @Override
  public Optional<String> fault() {
    return fault.get();
  }

  @Override
  public boolean hasLeader() {
    return proposals.leader() != 0;
  }

  @Override
  public boolean learns() {
    return learns.getAsBoolean();
  }

  @Override
  public CompletableFuture<?> read(boolean serializable) {
    CompletableFuture<Void> ready =
        serializable ? CompletableFuture.completedFuture(null) : proposals.readBarrier();
    return ready.thenApply(
        done -> {
          try (EngineView view = engine.view()) {
            metrics.keyspace().ranged();
            return view.range(ANY_KEY);
          }
        });
  }

  @Override
  public void checked(boolean healthy) {
    metrics.healthChecked(healthy);
  }
}
