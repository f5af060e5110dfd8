package io.lodestone.replica.raft;

import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.UnsupportedFormatException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.Request;
import io.lodestone.api.raftpb.ConfChange;
import io.lodestone.api.raftpb.Entry;
import io.lodestone.api.raftpb.EntryType;
import io.lodestone.etcdfile.db.MemberJson;
import io.lodestone.mvcc.log.LogEntry;
import io.lodestone.mvcc.members.MemberChange;
import io.lodestone.mvcc.members.MemberChange.Present;
import io.lodestone.mvcc.members.MemberChange.Removed;
import io.lodestone.mvcc.members.MemberTable;
import java.util.Optional;

/** What an entry of etcd's log asks for. Stateless. */
public final class EntryReader {
  /** etcd's own limit up to 3.5. */
  private static final int MOST_LEARNERS = 1;

  private EntryReader() {}

  public static boolean changesMembers(Entry entry) {
    return entry.getType() != EntryType.EntryNormal;
  }

  /** Of any other entry. A leader's empty one asks for nothing. */
  public static LogEntry request(Entry entry) {
    return new LogEntry(entry.getIndex(), entry.getTerm(), requestIn(entry));
  }

  /** What is not a request of the v3 API is one of the v2 API, as etcd tells them apart. */
  private static InternalRaftRequest requestIn(Entry entry) {
    try {
      return InternalRaftRequest.parseFrom(entry.getData());
    } catch (InvalidProtocolBufferException notV3) {
      return InternalRaftRequest.newBuilder().setV2(v2Request(entry)).build();
    }
  }

  private static Request v2Request(Entry entry) {
    try {
      return Request.parseFrom(entry.getData());
    } catch (InvalidProtocolBufferException e) {
      throw unreadable(entry, e);
    }
  }

  /** What is to change about {@code members}; nothing where etcd would refuse it at this point. */
  public static Optional<MemberChange> memberChange(Entry entry, MemberTable members) {
    if (entry.getType() == EntryType.EntryConfChangeV2) {
      throw new UnsupportedFormatException(
          "raft entry " + entry.getIndex() + " is a joint change of members",
          "no etcd up to 3.6 writes one: use a newer Lodestone");
    }
    try {
      ConfChange change = ConfChange.parseFrom(entry.getData());
      return members.removed().contains(change.getNodeId())
          ? Optional.empty()
          : memberChange(change, members);
    } catch (InvalidProtocolBufferException e) {
      throw unreadable(entry, e);
    }
  }

  private static Optional<MemberChange> memberChange(ConfChange change, MemberTable members)
      throws InvalidProtocolBufferException {
    long id = change.getNodeId();
    Optional<Member> known =
        members.all().stream().filter(member -> member.getID() == id).findFirst();
    return switch (change.getType()) {
      case ConfChangeRemoveNode -> known.map(gone -> new Removed(id));
      case ConfChangeAddNode ->
          known.isPresent()
              ? known.map(learner -> new Present(learner.toBuilder().setIsLearner(false).build()))
              : addition(MemberJson.decode(id, change.getContext()), members);
      case ConfChangeAddLearnerNode ->
          known.isPresent() || learners(members) >= MOST_LEARNERS
              ? Optional.empty()
              : addition(
                  MemberJson.decode(id, change.getContext()).toBuilder().setIsLearner(true).build(),
                  members);
      case ConfChangeUpdateNode -> {
        Member told = MemberJson.decode(id, change.getContext());
        yield known.isPresent() && isFree(told, members)
            ? Optional.of(
                new Present(
                    known.get().toBuilder()
                        .clearPeerURLs()
                        .addAllPeerURLs(told.getPeerURLsList())
                        .build()))
            : Optional.empty();
      }
    };
  }

  private static Optional<MemberChange> addition(Member told, MemberTable members) {
    return isFree(told, members) ? Optional.of(new Present(told)) : Optional.empty();
  }

  /** Whether nobody else has one of its peer URLs. */
  private static boolean isFree(Member told, MemberTable members) {
    return members.all().stream()
        .filter(other -> other.getID() != told.getID())
        .flatMap(other -> other.getPeerURLsList().stream())
        .noneMatch(told.getPeerURLsList()::contains);
  }

  private static long learners(MemberTable members) {
    return members.all().stream().filter(Member::getIsLearner).count();
  }

  private static CorruptDataException unreadable(Entry entry, InvalidProtocolBufferException e) {
    return new CorruptDataException(
        "raft entry " + entry.getIndex() + " cannot be decoded: " + e.getMessage(),
        "it is from an unknown etcd: use a newer Lodestone, or --mode watch",
        e);
  }
}
