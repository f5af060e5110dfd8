package io.lodestone.backup.daemon;

import com.google.common.util.concurrent.RateLimiter;
import io.lodestone.backup.config.ClusterPlan;
import io.lodestone.backup.metrics.ClusterMetrics;
import io.lodestone.backup.metrics.MeteredStore;
import io.lodestone.repository.objects.ObjectStore;
import java.util.Optional;

/**
 * The way into one cluster's repository: whatever goes through it is counted, and all of it
 * together keeps to the rate that the settings give. Thread-safe.
 */
final class RepositoryDoor {
  private final ClusterPlan plan;
  private final ClusterMetrics metrics;
  private final Optional<RateLimiter> rate;

  RepositoryDoor(ClusterPlan plan, ClusterMetrics metrics) {
    this.plan = plan;
    this.metrics = metrics;
    this.rate = plan.uploadBytesPerSecond().map(bytes -> RateLimiter.create(bytes));
  }

  /** The caller's to close; does not talk to the store yet. */
  ObjectStore open() {
    ObjectStore metered = new MeteredStore(plan.repository().open(), metrics);
    return rate.isPresent() ? new PacedStore(metered, rate.get()) : metered;
  }

  /** The same for the second repository, whose rate is its own. */
  ObjectStore openCopy() {
    ObjectStore copy = plan.copyTo().orElseThrow().open();
    return plan.uploadBytesPerSecond().isPresent()
        ? new PacedStore(copy, RateLimiter.create(plan.uploadBytesPerSecond().get()))
        : copy;
  }
}
