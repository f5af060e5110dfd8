package io.lodestone.client;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.Revision;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.api.mvccpb.Event;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem.Complete;
import java.io.IOException;
import java.time.Instant;

/**
 * Makes whole revisions of watch responses. Events come in the order of (main, sub), so the place
 * of an event in its revision is its sub revision, also where fragments split the revision. A
 * revision is whole when the next one begins or a response ends that is not a fragment; only then
 * the spool shows it. Confined to the tail thread.
 *
 * <p>Example, complete being 4: {@code [5a 5b] fragment, [5c 6a] fragment, [6b]} publishes {@code
 * 5/0 5/1 5/2 Complete(5)} within the second response and {@code 6/0 6/1 Complete(6)} after the
 * third.
 */
final class RevisionAssembler {
  private static final long NONE = -1;

  private final Spool spool;
  private long complete;
  private long open = NONE;
  private long nextSub;
  private Instant lastMark = Instant.MIN;

  RevisionAssembler(Spool spool) {
    this.spool = spool;
  }

  /** The watch skipped a revision, which every revision's having an event makes visible. */
  static final class MissingRevision extends LodestoneException {
    private static final long serialVersionUID = 1L;

    MissingRevision(long awaited, long came) {
      super(
          "the watch went on at revision " + came + " where " + awaited + " was awaited",
          "the member lost events; another attempt or a new base closes the gap");
    }
  }

  /** Everything up to here was published. */
  long complete() {
    return complete;
  }

  /** When the newest mark was made, by the clock its callers gave. */
  Instant lastMark() {
    return lastMark;
  }

  boolean atBoundary() {
    return open == NONE;
  }

  /** Begins anew behind {@code revision}; what is not whole is taken back. */
  void restartAfter(long revision) throws IOException {
    discardOpen();
    complete = revision;
  }

  /** Takes back the revision in work, to be read again by another watch. */
  void discardOpen() throws IOException {
    spool.rollback();
    open = NONE;
  }

  /**
   * @param at when the response arrived
   */
  void accept(WatchResponse response, Instant at) throws IOException {
    for (Event event : response.getEventsList()) {
      accept(event, at);
    }
    if (!response.getFragment()) {
      finishOpen(at);
    }
  }

  private void accept(Event event, Instant at) throws IOException {
    long main = event.getKv().getModRevision();
    if (main <= complete) {
      return;
    }
    if (main != open) {
      begin(main, at);
    }
    Revision revision = new Revision(main, nextSub++);
    spool.append(
        event.getType() == Event.EventType.DELETE
            ? RevisionRecord.delete(revision, event.getKv().getKey())
            : RevisionRecord.put(revision, event.getKv()));
  }

  private void begin(long main, Instant at) throws IOException {
    finishOpen(at);
    if (main != complete + 1) {
      throw new MissingRevision(complete + 1, main);
    }
    open = main;
    nextSub = 0;
  }

  private void finishOpen(Instant at) throws IOException {
    if (open != NONE) {
      complete = open;
      open = NONE;
      mark(at);
    }
  }

  /** Says that nothing but the complete revisions was there at {@code at}. */
  void mark(Instant at) throws IOException {
    spool.append(new Complete(complete, at));
    spool.publish();
    lastMark = at;
  }
}
