package io.lodestone.backup.config;

import com.google.protobuf.ByteString;
import io.lodestone.backup.SealPolicy;
import io.lodestone.client.ClientOptions;
import io.lodestone.repository.RetentionPolicy;
import io.lodestone.repository.WriterSettings;
import java.util.Map;
import java.util.Optional;

/**
 * What is to be done for one cluster. Immutable; prints without secrets.
 *
 * @param name for people, logs and metrics; the repository knows the cluster by its id
 * @param prefix what the keys begin with that are backed up; empty for all
 * @param uploadBytesPerSecond how much may be written to the repository, on average; empty for no
 *     limit
 * @param writer how the repository is written
 * @param copyTo the second repository; present where COPY is scheduled
 * @param keep what EXPIRE keeps; present where that is scheduled
 */
public record ClusterPlan(
    String name,
    ClientOptions source,
    Optional<ByteString> prefix,
    RepositoryPlace repository,
    SealPolicy seal,
    WriterSettings writer,
    Optional<Double> uploadBytesPerSecond,
    Optional<RepositoryPlace> copyTo,
    Map<Task, Schedule> schedules,
    Optional<RetentionPolicy> keep) {
  public ClusterPlan {
    schedules = Map.copyOf(schedules);
  }
}
