package io.lodestone.etcdfile.member;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.lodestone.api.KeyRange;
import io.lodestone.api.Revision;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.revisions.CheckedStream;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.RowScan;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamOrder;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What directories hold, as we read it and as stock etcd serves it. */
final class Directories {
  private Directories() {}

  /** What a stream added up to. */
  static final class Content {
    private final Map<Revision, RevisionRecord> rows = new TreeMap<>();
    final TreeSet<Long> leases = new TreeSet<>();
    final List<StreamItem> sideState = new ArrayList<>();
    long revision;
    long compacted;

    /** How many revisions came from the log and not from the database. */
    int tailRevisions = -1;

    private void take(StreamItem item) {
      if (item instanceof RevisionRecord row) {
        rows.put(row.revision(), row);
      } else if (item instanceof Complete mark) {
        revision = mark.revision();
        tailRevisions++;
      } else if (item instanceof Compaction compaction) {
        compacted = compaction.scheduled();
      } else if (item instanceof LeaseState lease) {
        leases.add(lease.id().value());
      } else if (item instanceof LeaseGone gone) {
        leases.remove(gone.id().value());
      } else {
        sideState.add(item);
      }
    }

    /** The keys alive at the end, in key order. */
    List<KeyValue> liveKeys() {
      Map<ByteString, KeyValue> live =
          new TreeMap<>(ByteString.unsignedLexicographicalComparator());
      for (RevisionRecord row : rows.values()) {
        if (row.tombstone()) {
          live.remove(row.key());
        } else {
          live.put(row.key(), row.keyValue());
        }
      }
      return List.copyOf(live.values());
    }

    int hash(EtcdRelease release, long at) throws IOException {
      RowScan scan =
          visitor -> {
            for (RevisionRecord row : rows.values()) {
              if (!visitor.row(row)) {
                return;
              }
            }
          };
      HashKv hash =
          release.minor().equals("3.4")
              ? HashKv.asBefore3516(scan, compacted, at)
              : HashKv.of(scan, compacted, at);
      return hash.hash();
    }
  }

  static Content read(RevisionSource source) throws Exception {
    Content content = new Content();
    try (RevisionStream stream =
        new CheckedStream(source.openAtBase(Reason.INITIAL), StreamOrder.atBase())) {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        content.take(item);
      }
    }
    return content;
  }

  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : tree.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  static HashKVResponse hashKv(ManagedChannel channel, long revision) {
    return MaintenanceGrpc.newBlockingStub(channel)
        .hashKV(HashKVRequest.newBuilder().setRevision(revision).build());
  }

  static RangeResponse everything(ManagedChannel channel) {
    return everythingAt(channel, 0);
  }

  static RangeResponse everythingAt(ManagedChannel channel, long revision) {
    KeyRange all = KeyRange.all();
    return KVGrpc.newBlockingStub(channel)
        .range(
            RangeRequest.newBuilder()
                .setKey(all.start())
                .setRangeEnd(all.end())
                .setRevision(revision)
                .build());
  }
}
