package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.RevisionRecord;
import java.time.Instant;
import java.util.Optional;

/**
 * One version of a key, without its value. Immutable.
 *
 * @param revision main revision of the change
 * @param deleted true where the change deleted the key; the numbers behind it are 0 then
 * @param version changes since the key was created
 * @param valueBytes length of the value
 * @param lease id of the lease, 0 for none
 * @param at when the revision was complete, by the agent's clock; empty where only a base tells of
 *     it
 */
public record KeyVersion(
    ByteString key,
    long revision,
    boolean deleted,
    long createRevision,
    long version,
    long valueBytes,
    long lease,
    Optional<Instant> at) {

  static KeyVersion of(RevisionRecord row, Optional<Instant> at) {
    KeyValue value = row.keyValue();
    return new KeyVersion(
        row.key(),
        row.main(),
        row.tombstone(),
        value.getCreateRevision(),
        value.getVersion(),
        value.getValue().size(),
        value.getLease(),
        at);
  }

  KeyVersion withKey(ByteString same) {
    return new KeyVersion(same, revision, deleted, createRevision, version, valueBytes, lease, at);
  }
}
