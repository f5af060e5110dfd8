package io.lodestone.repository.format;

import com.google.protobuf.ByteString;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Reason;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * What the header of a BASE says beside its standing. Cluster and member id in hex. Immutable.
 *
 * @param previousBaseSeq the BASE before this one, 0 if this is the first
 * @param prefixBase64 what all keys begin with, where no others are kept
 */
public record BaseFacts(
    String clusterId,
    String memberId,
    String serverVersion,
    Instant capturedAt,
    Reason reason,
    long previousBaseSeq,
    SideCounts side,
    Optional<String> prefixBase64) {

  /** How much side state the base holds. */
  public record SideCounts(long leases, long users, long roles, long alarms, long members) {}

  public static BaseFacts of(BaseStart start, long previousBaseSeq, SideCounts side) {
    Origin origin = start.origin();
    return new BaseFacts(
        Long.toHexString(origin.clusterId()),
        Long.toHexString(origin.memberId()),
        origin.serverVersion(),
        start.capturedAt(),
        start.reason(),
        previousBaseSeq,
        side,
        start.prefix().map(prefix -> Base64.getEncoder().encodeToString(prefix.toByteArray())));
  }

  /** What all keys begin with; empty for the whole keyspace. */
  public Optional<ByteString> prefix() {
    return prefixBase64.map(text -> ByteString.copyFrom(Base64.getDecoder().decode(text)));
  }

  public Origin origin() {
    return new Origin(
        Long.parseUnsignedLong(clusterId, 16), Long.parseUnsignedLong(memberId, 16), serverVersion);
  }
}
