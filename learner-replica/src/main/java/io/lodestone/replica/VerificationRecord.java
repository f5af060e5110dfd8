package io.lodestone.replica;

import io.lodestone.server.ReplicaServer;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** What comparisons with the source have come to, as metrics. Thread-safe. */
final class VerificationRecord {
  private final Clock clock;
  private volatile long provedRevision;
  private volatile Instant provedAt = Instant.EPOCH;
  private volatile long differences;

  VerificationRecord(Clock clock) {
    this.clock = clock;
  }

  void proved(long revision) {
    provedAt = clock.instant();
    provedRevision = revision;
  }

  /** Called by one thread at a time. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  void differed() {
    differences++;
  }

  long provedRevision() {
    return provedRevision;
  }

  long differences() {
    return differences;
  }

  /** Both at once, for {@link LastProof}. */
  private Optional<String> proof() {
    long revision = provedRevision;
    return revision == 0
        ? Optional.empty()
        : Optional.of(new LastProof(revision, provedAt).toText());
  }

  void describe(ReplicaServer server) {
    server.statusFact(LastProof.NAME, this::proof);
    server.gauge(
        "lodestone_replica_proved_revision",
        "The last revision at which the copy was compared with its source and was equal.",
        () -> provedRevision);
    server.gauge(
        "lodestone_replica_proved_timestamp_seconds",
        "When that was.",
        () -> provedAt.toEpochMilli() / 1000.0);
    server.counter(
        "lodestone_replica_differences_total",
        "Comparisons in which the copy was not what its source is.",
        () -> differences);
  }
}
