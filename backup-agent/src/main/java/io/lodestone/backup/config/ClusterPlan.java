package io.lodestone.backup.config;

import io.lodestone.backup.SealPolicy;
import io.lodestone.client.ClientOptions;
import io.lodestone.repository.RetentionPolicy;
import java.util.Map;
import java.util.Optional;

/**
 * What is to be done for one cluster. Immutable; prints without secrets.
 *
 * @param name for people, logs and metrics; the repository knows the cluster by its id
 * @param uploadBytesPerSecond how much may be written to the repository, on average; empty for no
 *     limit
 * @param keep what EXPIRE keeps; present where that is scheduled
 */
public record ClusterPlan(
    String name,
    ClientOptions source,
    RepositoryPlace repository,
    SealPolicy seal,
    Optional<Double> uploadBytesPerSecond,
    Map<Task, Schedule> schedules,
    Optional<RetentionPolicy> keep) {
  public ClusterPlan {
    schedules = Map.copyOf(schedules);
  }
}
