package io.lodestone.etcdfile.db;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.LeaseId;
import io.lodestone.api.authpb.Role;
import io.lodestone.api.authpb.User;
import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.api.leasepb.Lease;
import io.lodestone.etcdfile.bolt.BoltCursor;
import io.lodestone.revisions.StreamItem.AlarmState;
import io.lodestone.revisions.StreamItem.AuthState;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.MemberState;
import io.lodestone.revisions.StreamItem.RoleState;
import io.lodestone.revisions.StreamItem.SideState;
import io.lodestone.revisions.StreamItem.UserState;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Reads the buckets beside the keyspace. Confined to one thread. */
final class SideStateReader {
  private final EtcdDatabase database;

  SideStateReader(EtcdDatabase database) {
    this.database = database;
  }

  ItemReader<SideState> leases() throws IOException {
    return entries(
        EtcdBucket.LEASE,
        cursor -> {
          Lease lease = Lease.parseFrom(cursor.value());
          return new LeaseState(
              new LeaseId(lease.getID()), lease.getTTL(), lease.getRemainingTTL());
        });
  }

  ItemReader<SideState> auth() throws IOException {
    Optional<ByteString> enabled = database.get(EtcdBucket.AUTH, EtcdBucket.AUTH_ENABLED);
    Optional<ByteString> revision = database.get(EtcdBucket.AUTH, EtcdBucket.AUTH_REVISION);
    if (enabled.isEmpty() && revision.isEmpty()) {
      return Optional::empty;
    }
    if (revision.isPresent() && revision.get().size() != Long.BYTES) {
      throw database.corrupt(EtcdBucket.AUTH, "has a malformed authRevision");
    }
    boolean on = enabled.isPresent() && !enabled.get().isEmpty() && enabled.get().byteAt(0) == 1;
    long at = revision.isPresent() ? revision.get().asReadOnlyByteBuffer().getLong() : 0;
    return ItemReader.of(List.of(new AuthState(on, at)));
  }

  ItemReader<SideState> users() throws IOException {
    return entries(EtcdBucket.AUTH_USERS, cursor -> new UserState(User.parseFrom(cursor.value())));
  }

  ItemReader<SideState> roles() throws IOException {
    return entries(EtcdBucket.AUTH_ROLES, cursor -> new RoleState(Role.parseFrom(cursor.value())));
  }

  ItemReader<SideState> alarms() throws IOException {
    return entries(EtcdBucket.ALARM, cursor -> new AlarmState(AlarmMember.parseFrom(cursor.key())));
  }

  ItemReader<SideState> members() throws IOException {
    return entries(
        EtcdBucket.MEMBERS,
        cursor -> new MemberState(MemberJson.decode(cursor.key(), cursor.value())));
  }

  private ItemReader<SideState> entries(EtcdBucket bucket, Decoder decoder) throws IOException {
    Optional<BoltCursor> found = database.cursor(bucket);
    if (found.isEmpty()) {
      return Optional::empty;
    }
    BoltCursor cursor = found.get();
    return () -> cursor.next() ? Optional.of(decode(bucket, cursor, decoder)) : Optional.empty();
  }

  private SideState decode(EtcdBucket bucket, BoltCursor cursor, Decoder decoder) {
    try {
      return decoder.decode(cursor);
    } catch (InvalidProtocolBufferException e) {
      throw cursor.corrupt(
          "holds an entry of bucket "
              + bucket.bucketName()
              + " that cannot be decoded: "
              + e.getMessage());
    }
  }

  /** Makes an item of the entry at hand. */
  @FunctionalInterface
  private interface Decoder {
    SideState decode(BoltCursor cursor) throws InvalidProtocolBufferException;
  }
}
