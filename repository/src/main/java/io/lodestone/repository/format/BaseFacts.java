package io.lodestone.repository.format;

import io.lodestone.revisions.Origin;
import io.lodestone.revisions.StreamItem.Reason;
import java.time.Instant;

/**
 * What the header of a BASE says beside its standing. Cluster and member id in hex. Immutable.
 *
 * @param previousBaseSeq the BASE before this one, 0 if this is the first
 */
public record BaseFacts(
    String clusterId,
    String memberId,
    String serverVersion,
    Instant capturedAt,
    Reason reason,
    long previousBaseSeq,
    SideCounts side) {

  /** How much side state the base holds. */
  public record SideCounts(long leases, long users, long roles, long alarms, long members) {}

  public static BaseFacts of(
      Origin origin, Instant capturedAt, Reason reason, long previousBaseSeq, SideCounts side) {
    return new BaseFacts(
        Long.toHexString(origin.clusterId()),
        Long.toHexString(origin.memberId()),
        origin.serverVersion(),
        capturedAt,
        reason,
        previousBaseSeq,
        side);
  }

  public Origin origin() {
    return new Origin(
        Long.parseUnsignedLong(clusterId, 16), Long.parseUnsignedLong(memberId, 16), serverVersion);
  }
}
