package io.lodestone.repository.format;

import java.util.List;
import java.util.Optional;

/**
 * How to know the live leases without reading everything since the base: take the table of entry
 * {@code checkpointSeq} (of a BASE: its side state), then the lease items of the entries {@code
 * changedSeqs}, ascending. Immutable.
 */
public record LeaseTrail(
    long checkpointSeq, List<Long> changedSeqs, Optional<List<LeaseFacts>> table) {
  public static final LeaseTrail NONE = new LeaseTrail(0, List.of(), Optional.empty());

  public LeaseTrail {
    changedSeqs = List.copyOf(changedSeqs);
    table = table.map(List::copyOf);
  }

  /** A live lease; the id in hex, times in seconds. */
  public record LeaseFacts(String id, long granted, long remaining) {}
}
