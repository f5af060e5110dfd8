package io.lodestone.conformance.requests;

import com.google.protobuf.Message;
import io.lodestone.api.etcdserverpb.SnapshotRequest;
import io.lodestone.api.etcdserverpb.SnapshotResponse;
import io.lodestone.etcdfile.db.EtcdDatabase;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes a snapshot of both sides and compares what is in the files: revision, compact revision and
 * every row. Sizes and pages are the servers' own affair.
 */
final class SnapshotActs {
  private static final String RPC = "Maintenance/Snapshot";

  private final Path folder;

  SnapshotActs(Path folder) {
    this.folder = folder;
  }

  void compare(Duel duel) {
    duel.report().sent(RPC);
    try {
      List<String> expected = contents(duel.reference());
      List<String> actual = contents(duel.candidate());
      for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
        String left = i < expected.size() ? expected.get(i) : "nothing";
        String right = i < actual.size() ? actual.get(i) : "nothing";
        if (!left.equals(right)) {
          duel.differs(RPC + " contents", "line " + i, left, right);
          return;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot compare snapshots", e);
    }
  }

  private List<String> contents(Side side) throws IOException {
    Path file = Files.createTempFile(folder, "snapshot", ".db");
    Call call = new Call(RPC, SnapshotRequest.getDefaultInstance());
    Answer answer = side.stream(call, Integer.MAX_VALUE);
    if (!answer.ok()) {
      return List.of(answer.toString());
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      for (Message piece : answer.messages()) {
        ((SnapshotResponse) piece).getBlob().writeTo(out);
      }
    }
    List<String> lines = lines(file);
    Files.delete(file);
    return lines;
  }

  private static List<String> lines(Path file) throws IOException {
    try (EtcdDatabase database = EtcdDatabase.open(file)) {
      List<String> lines = new ArrayList<>();
      lines.add("revision " + database.revision() + ", " + database.compaction());
      database
          .rows()
          .scan(
              row -> {
                lines.add(line(row));
                return true;
              });
      return lines;
    }
  }

  private static String line(RevisionRecord row) {
    return row.revision() + (row.tombstone() ? " deletes " : " ") + Call.text(row.keyValue());
  }
}
