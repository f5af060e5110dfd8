package io.lodestone.server.lease;

import io.lodestone.api.LeaseId;
import io.lodestone.mvcc.Leases;
import io.lodestone.mvcc.Leases.LeaseStatus;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** How long leases live, as whoever lets them expire knows. Thread-safe; never blocks. */
public interface LeaseTimes {
  /** Completes with the TTL that it has again, in seconds; empty where there is no such lease. */
  CompletableFuture<Optional<Long>> renew(LeaseId id);

  /** Completes with what it has left; empty where there is no such lease. */
  CompletableFuture<Optional<LeaseStatus>> status(LeaseId id, boolean withKeys);

  /** Those that this very member keeps. */
  static LeaseTimes of(Leases leases) {
    return new LeaseTimes() {
      @Override
      public CompletableFuture<Optional<Long>> renew(LeaseId id) {
        return CompletableFuture.completedFuture(leases.renew(id));
      }

      @Override
      public CompletableFuture<Optional<LeaseStatus>> status(LeaseId id, boolean withKeys) {
        return CompletableFuture.completedFuture(leases.status(id, withKeys));
      }
    };
  }
}
