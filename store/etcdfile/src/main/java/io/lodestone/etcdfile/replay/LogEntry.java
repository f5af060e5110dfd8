package io.lodestone.etcdfile.replay;

import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.UnsupportedFormatException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.Request;
import io.lodestone.api.raftpb.ConfChange;
import io.lodestone.api.raftpb.Entry;

/** What a raft entry asks for. */
final class LogEntry {
  private LogEntry() {}

  /** Calls the visitor with what the entry carries; with nothing for a leader's empty entry. */
  static void visit(Entry entry, Visitor visitor) {
    if (entry.getData().isEmpty()) {
      return;
    }
    try {
      switch (entry.getType()) {
        case EntryNormal -> visitNormal(entry, visitor);
        case EntryConfChange -> visitor.confChange(ConfChange.parseFrom(entry.getData()));
        case EntryConfChangeV2 ->
            throw new UnsupportedFormatException(
                "raft entry " + entry.getIndex() + " is a joint change of members",
                "no etcd up to 3.6 writes one: use a newer Lodestone");
      }
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptDataException(
          "raft entry " + entry.getIndex() + " cannot be decoded: " + e.getMessage(),
          "the log is damaged or from an unknown etcd; use another member's directory",
          e);
    }
  }

  /** What is not a request of the v3 API is one of the v2 API, as etcd tells them apart. */
  private static void visitNormal(Entry entry, Visitor visitor)
      throws InvalidProtocolBufferException {
    InternalRaftRequest request;
    try {
      request = InternalRaftRequest.parseFrom(entry.getData());
    } catch (InvalidProtocolBufferException notV3) {
      visitor.v2Request(Request.parseFrom(entry.getData()));
      return;
    }
    if (request.hasV2()) {
      visitor.v2Request(request.getV2());
    } else {
      visitor.request(request);
    }
  }

  /** Sees what an entry carries. */
  interface Visitor {
    void request(InternalRaftRequest request);

    void v2Request(Request request) throws InvalidProtocolBufferException;

    void confChange(ConfChange change) throws InvalidProtocolBufferException;
  }
}
