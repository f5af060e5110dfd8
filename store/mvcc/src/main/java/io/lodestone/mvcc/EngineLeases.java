package io.lodestone.mvcc;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.leasepb.Lease;
import io.lodestone.mvcc.lease.LeaseTable;
import io.lodestone.mvcc.lease.Remainder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The leases of an engine, with their keys from its newest view. Thread-safe. */
final class EngineLeases implements Leases {
  /** etcd revokes at most half a thousand leases at once. */
  private static final int MOST_EXPIRED = 500;

  private final LeaseTable table;
  private final Engine engine;

  EngineLeases(LeaseTable table, Engine engine) {
    this.table = table;
    this.engine = engine;
  }

  @Override
  public Optional<Long> renew(LeaseId id) {
    return table.renew(id.value());
  }

  @Override
  public Optional<LeaseStatus> status(LeaseId id, boolean withKeys) {
    Optional<Lease> lease = table.get(id.value());
    Optional<Duration> remaining = table.remaining(id.value());
    if (lease.isEmpty() || remaining.isEmpty()) {
      return Optional.empty();
    }
    List<ByteString> keys = withKeys ? keys(id) : List.of();
    return Optional.of(
        new LeaseStatus(id, lease.get().getTTL(), wholeSeconds(remaining.get()), keys));
  }

  /** Rounded towards zero, as Go does it. */
  private static long wholeSeconds(Duration duration) {
    return duration.isNegative() ? -duration.negated().toSeconds() : duration.toSeconds();
  }

  private List<ByteString> keys(LeaseId id) {
    try (EngineView view = engine.view()) {
      return view.keysOf(id);
    }
  }

  @Override
  public List<LeaseId> list() {
    return table.byRemaining();
  }

  @Override
  public List<LeaseId> expired() {
    return table.expired(MOST_EXPIRED);
  }

  @Override
  public List<Remainder> forgettable(Duration drift, int limit) {
    return table.forgettable(drift, limit);
  }

  @Override
  public boolean isCheckpointed(LeaseId id) {
    return table.get(id.value()).filter(lease -> lease.getRemainingTTL() > 0).isPresent();
  }

  @Override
  public void promote(Duration extend) {
    table.promote(extend);
  }

  @Override
  public void demote() {
    table.demote();
  }
}
