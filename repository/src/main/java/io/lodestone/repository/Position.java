package io.lodestone.repository;

import io.lodestone.api.LeaseId;
import io.lodestone.repository.format.Sha256;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.LeaseState;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Where a lineage ends: what an agent needs to continue exactly there. Immutable.
 *
 * @param seq the last entry
 * @param hash its hash
 * @param end how far the history goes; empty where there is no base yet, so one must come first
 */
public record Position(Lineage lineage, long seq, Sha256 hash, Optional<End> end) {

  /**
   * The end of a history.
   *
   * @param revision last complete main revision
   * @param at when that was all there was
   * @param leases the live leases
   */
  public record End(
      long revision, Instant at, Compaction compaction, Map<LeaseId, LeaseState> leases) {
    public End {
      leases = Map.copyOf(leases);
    }
  }
}
