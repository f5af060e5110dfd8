package io.lodestone.server.lease;

import io.lodestone.api.LeaseId;
import io.lodestone.mvcc.Leases.LeaseStatus;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Others may come to know how long leases live. Thread-safe. */
public final class ChangingLeaseTimes implements LeaseTimes {
  private volatile LeaseTimes current;

  public ChangingLeaseTimes(LeaseTimes first) {
    this.current = first;
  }

  /** From now on {@code next} knows. */
  public void goOn(LeaseTimes next) {
    current = next;
  }

  @Override
  public CompletableFuture<Optional<Long>> renew(LeaseId id) {
    return current.renew(id);
  }

  @Override
  public CompletableFuture<Optional<LeaseStatus>> status(LeaseId id, boolean withKeys) {
    return current.status(id, withKeys);
  }
}
