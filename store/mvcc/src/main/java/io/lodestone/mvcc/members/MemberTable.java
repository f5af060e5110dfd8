package io.lodestone.mvcc.members;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.etcdserverpb.ClusterMemberAttrSetRequest;
import io.lodestone.api.etcdserverpb.DowngradeInfoSetRequest;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.Request;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * The members of the cluster by their ids, the ids of those that were removed, and the cluster's
 * version. Thread-safe for readers; changed by the apply thread only.
 */
public final class MemberTable {
  private static final ByteString VERSION = ByteString.copyFromUtf8("clusterVersion");
  private static final ByteString DOWNGRADE = ByteString.copyFromUtf8("downgrade");

  private final Map<Long, Member> members = new ConcurrentSkipListMap<>(Long::compareUnsigned);
  private final Set<Long> removed = new ConcurrentSkipListSet<>(Long::compareUnsigned);
  private volatile Optional<String> version = Optional.empty();
  private volatile Optional<String> downgradeTarget = Optional.empty();

  /** Where changed rows go. */
  @FunctionalInterface
  public interface RowSink {
    void put(Family family, ByteString key, ByteString value);
  }

  /** Becomes what is stored. */
  public void load(Rows rows) {
    Set<Long> present = new HashSet<>();
    Set<Long> gone = new HashSet<>();
    try (Cursor cursor = rows.from(Family.MEMBERS, ByteString.EMPTY)) {
      while (cursor.next()) {
        load(cursor.key(), cursor.value(), present, gone);
      }
    }
    members.keySet().retainAll(present);
    removed.retainAll(gone);
    version = rows.get(Family.CLUSTER, VERSION).map(ByteString::toStringUtf8);
    downgradeTarget =
        rows.get(Family.CLUSTER, DOWNGRADE)
            .map(ByteString::toStringUtf8)
            .filter(target -> !target.isEmpty());
  }

  private void load(ByteString key, ByteString value, Set<Long> present, Set<Long> gone) {
    try {
      long id = key.asReadOnlyByteBuffer().getLong();
      if (value.isEmpty()) {
        gone.add(id);
        removed.add(id);
      } else {
        present.add(id);
        members.put(id, Member.parseFrom(value));
      }
    } catch (InvalidProtocolBufferException | BufferUnderflowException e) {
      throw new CorruptDataException(
          "a stored member cannot be read",
          "check the disk; restore this data directory from a backup",
          e);
    }
  }

  /** In ascending order of their ids, unsigned. */
  public List<Member> all() {
    return List.copyOf(members.values());
  }

  /** Ids that were in use and must not come back. */
  public Set<Long> removed() {
    return Set.copyOf(removed);
  }

  /** For example {@code 3.5.0}; empty until a leader has set it. */
  public Optional<String> clusterVersion() {
    return version;
  }

  /** The version that a downgrade under way leads to. */
  public Optional<String> downgradeTarget() {
    return downgradeTarget;
  }

  public void apply(MemberChange change, RowSink rows) {
    if (change instanceof MemberChange.Present present) {
      put(present.member(), rows);
    } else if (change instanceof MemberChange.Removed gone) {
      members.remove(gone.id());
      removed.add(gone.id());
      rows.put(Family.MEMBERS, key(gone.id()), ByteString.EMPTY);
    }
  }

  private void put(Member member, RowSink rows) {
    members.put(member.getID(), member);
    rows.put(Family.MEMBERS, key(member.getID()), member.toByteString());
  }

  /** Name and client URLs as a member publishes them; of nobody's concern where it is unknown. */
  public void apply(ClusterMemberAttrSetRequest request, RowSink rows) {
    Optional<Member> known = Optional.ofNullable(members.get(request.getMemberID()));
    known.ifPresent(
        member ->
            put(
                member.toBuilder()
                    .setName(request.getMemberAttributes().getName())
                    .clearClientURLs()
                    .addAllClientURLs(request.getMemberAttributes().getClientUrlsList())
                    .build(),
                rows));
  }

  /** A request of the v2 API, as members up to 3.5 write it. */
  public void apply(Request request, RowSink rows) {
    V2Request.apply(request, this, rows);
  }

  public void setVersion(String next, RowSink rows) {
    version = Optional.of(next);
    rows.put(Family.CLUSTER, VERSION, ByteString.copyFromUtf8(next));
  }

  public void apply(DowngradeInfoSetRequest request, RowSink rows) {
    downgradeTarget = request.getEnabled() ? Optional.of(request.getVer()) : Optional.empty();
    rows.put(Family.CLUSTER, DOWNGRADE, ByteString.copyFromUtf8(downgradeTarget.orElse("")));
  }

  private static ByteString key(long id) {
    return ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(id).flip());
  }
}
