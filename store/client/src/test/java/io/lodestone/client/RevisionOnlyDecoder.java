package io.lodestone.client;

import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.revisions.MemoryStream;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A base without rows: etcd's own tool checks the snapshot file and says of which revision it is.
 */
record RevisionOnlyDecoder(EtcdRelease release) implements SnapshotDecoder {
  private static final Pattern REVISION = Pattern.compile("\"revision\":(\\d+)");

  @Override
  public RevisionSource open(Path file) throws IOException {
    long revision = revisionOf(file);
    return new RevisionSource() {
      @Override
      public RevisionStream openAtBase(Reason reason) {
        return new MemoryStream(
            List.of(
                new BaseStart(Origin.UNKNOWN, Instant.EPOCH, reason),
                Compaction.NEVER,
                new Complete(revision, Instant.EPOCH)));
      }

      @Override
      public RevisionStream openAfter(long after) {
        return openAtBase(Reason.DIVERGED);
      }
    };
  }

  private long revisionOf(Path file) throws IOException {
    try {
      String status =
          Commands.run(
              List.of(
                  release.snapshotTool().toString(),
                  "snapshot",
                  "status",
                  file.toString(),
                  "-w",
                  "json"));
      Matcher found = REVISION.matcher(status);
      if (!found.find()) {
        throw new IOException("no revision in " + status);
      }
      return Math.max(1, Long.parseLong(found.group(1)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
