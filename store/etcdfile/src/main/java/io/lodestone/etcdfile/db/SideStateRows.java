package io.lodestone.etcdfile.db;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.authpb.Role;
import io.lodestone.api.authpb.User;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.leasepb.Lease;
import io.lodestone.etcdfile.bolt.BoltWriter;
import io.lodestone.etcdfile.bolt.BoltWriter.BucketWriter;
import io.lodestone.revisions.LeasePolicy;
import io.lodestone.revisions.StreamItem.AlarmState;
import io.lodestone.revisions.StreamItem.AuthState;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.MemberState;
import io.lodestone.revisions.StreamItem.RoleState;
import io.lodestone.revisions.StreamItem.SideState;
import io.lodestone.revisions.StreamItem.UserState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The newest side state of a stream, held in memory until the database is complete. Alarms are
 * forgotten: they name members of the source. Confined to one thread.
 */
final class SideStateRows {
  private final Map<LeaseId, LeaseState> leases = new TreeMap<>();
  private final Map<ByteString, User> users =
      new TreeMap<>(ByteString.unsignedLexicographicalComparator());
  private final Map<ByteString, Role> roles =
      new TreeMap<>(ByteString.unsignedLexicographicalComparator());
  private final Map<Long, Member> members = new TreeMap<>(Long::compareUnsigned);
  private Optional<AuthState> auth = Optional.empty();
  private Compaction compaction = Compaction.NEVER;
  private boolean compactionOfBase = true;

  void accept(SideState state) {
    if (state instanceof Compaction told) {
      compaction =
          compactionOfBase ? told : new Compaction(told.scheduled(), compaction.finished());
      compactionOfBase = false;
    } else if (state instanceof LeaseState lease) {
      leases.put(lease.id(), lease);
    } else if (state instanceof LeaseGone gone) {
      leases.remove(gone.id());
    } else if (state instanceof AuthState told) {
      auth = Optional.of(told);
    } else if (state instanceof UserState user) {
      users.put(user.user().getName(), user.user());
    } else if (state instanceof RoleState role) {
      roles.put(role.role().getName(), role.role());
    } else if (state instanceof MemberState member) {
      members.put(member.member().getID(), member.member());
    } else if (!(state instanceof AlarmState)) {
      throw new IllegalArgumentException("unknown side state " + state);
    }
  }

  /** The base's finished compaction, and the newest that was scheduled. */
  Compaction compaction() {
    return compaction;
  }

  Collection<Member> members() {
    return members.values();
  }

  void writeLeases(BucketWriter bucket, LeasePolicy policy) throws IOException {
    for (LeaseState lease : leases.values()) {
      Lease row =
          Lease.newBuilder()
              .setID(lease.id().value())
              .setTTL(lease.grantedTtlSeconds())
              .setRemainingTTL(policy.remainingSeconds(lease))
              .build();
      bucket.put(number(lease.id().value()), row.toByteString());
    }
  }

  void writeAuth(BoltWriter writer) throws IOException {
    BucketWriter bucket = writer.bucket(EtcdBucket.AUTH.bucketName());
    if (auth.isPresent()) {
      byte enabled = (byte) (auth.get().enabled() ? 1 : 0);
      bucket.put(EtcdBucket.AUTH_ENABLED, ByteString.copyFrom(new byte[] {enabled}));
      bucket.put(EtcdBucket.AUTH_REVISION, number(auth.get().authRevision()));
    }
    for (Map.Entry<ByteString, User> user : users.entrySet()) {
      writer
          .bucket(EtcdBucket.AUTH_USERS.bucketName())
          .put(user.getKey(), user.getValue().toByteString());
    }
    for (Map.Entry<ByteString, Role> role : roles.entrySet()) {
      writer
          .bucket(EtcdBucket.AUTH_ROLES.bucketName())
          .put(role.getKey(), role.getValue().toByteString());
    }
  }

  static void writeMembers(BucketWriter bucket, Collection<Member> members) throws IOException {
    Map<String, Member> byHexId =
        members.stream()
            .collect(
                Collectors.toMap(
                    member -> Long.toHexString(member.getID()),
                    member -> member,
                    (first, second) -> second,
                    TreeMap::new));
    for (Map.Entry<String, Member> member : byHexId.entrySet()) {
      bucket.put(
          ByteString.copyFromUtf8(member.getKey()),
          ByteString.copyFromUtf8(MemberJson.encode(member.getValue())));
    }
  }

  /** Eight bytes big endian. */
  static ByteString number(long value) {
    return ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(value).flip());
  }
}
