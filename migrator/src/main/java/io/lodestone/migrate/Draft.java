package io.lodestone.migrate;

import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AuthState;
import io.lodestone.revisions.StreamItem.Complete;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data of a destination that is not started yet, while they are written. Nothing appears in its
 * place before {@link #finish}. Confined to one thread.
 */
final class Draft implements Receiver, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Draft.class);

  /** etcd's default of {@code --max-request-bytes}. */
  private static final long USUAL_REQUEST_BYTES = 3L << 19;

  private final RevisionSink sink;
  private final Course course;
  private long revision;
  private long authRevision;
  private long largestRow;

  Draft(RevisionSink sink, Course course) {
    this.sink = sink;
    this.course = course;
  }

  @Override
  public void accept(StreamItem item) throws IOException, InterruptedException {
    sink.accept(item);
    if (item instanceof RevisionRecord row) {
      largestRow = Math.max(largestRow, row.value().size());
    } else if (item instanceof AuthState auth) {
      authRevision = auth.authRevision();
    } else if (item instanceof Complete complete) {
      revision = complete.revision();
    }
  }

  /** Nothing to do: one write follows the other. */
  @Override
  public void settle() {}

  @Override
  public long revision() {
    return revision;
  }

  /** What counts the changes of users and roles that are there; 0 for none. */
  long authRevision() {
    return authRevision;
  }

  /** None: the destination does not run. */
  @Override
  public int leases() {
    return 0;
  }

  /** When this returns, every member's data are on disk, and so is the journal's word of it. */
  void finish() throws IOException, InterruptedException {
    long last = sink.commit();
    if (largestRow > USUAL_REQUEST_BYTES) {
      log.atWarn()
          .addKeyValue("bytes", largestRow)
          .log("the source has a large value: the destination needs its --max-request-bytes");
    }
    course
        .journal()
        .record(
            Event.SEEDED,
            Map.of("revision", Long.toString(last), "largestRow", Long.toString(largestRow)));
  }

  @Override
  public void close() throws IOException {
    sink.close();
  }
}
