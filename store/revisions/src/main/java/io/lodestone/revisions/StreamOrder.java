package io.lodestone.revisions;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.Revision;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.SideState;

/**
 * The order of a stream as a small state machine: feed it every item, and it refuses the first one
 * that breaks the contract. Sinks keep one to know where they stand; {@link CheckedStream} wraps a
 * stream with one. A stream of the keys below a prefix, which is no state of a cluster, is refused
 * by who does not say that it may be one. Confined to one thread.
 */
public final class StreamOrder {
  private enum Phase {
    START,
    COMPACTION,
    SIDE_STATE,
    BASE_RECORDS,
    TAIL,
    ENDED
  }

  private final boolean mayBePart;
  private boolean part;
  private Phase phase;
  private long complete;
  private Revision last;
  private long compactRevision = -1;

  private StreamOrder(Phase phase, long complete, boolean mayBePart, boolean part) {
    this.mayBePart = mayBePart;
    this.part = part;
    this.phase = phase;
    this.complete = complete;
    this.last = new Revision(complete, Long.MAX_VALUE);
  }

  /** A stream that must begin with a base. */
  public static StreamOrder atBase() {
    return new StreamOrder(Phase.START, 0, false, false);
  }

  /** The same, which may tell of the keys below a prefix only. */
  public static StreamOrder atBaseOfAny() {
    return new StreamOrder(Phase.START, 0, true, false);
  }

  /** A stream that continues behind {@code revision}, or begins with a base. */
  public static StreamOrder after(long revision) {
    return new StreamOrder(Phase.TAIL, revision, false, false);
  }

  /** The same for the keys below a prefix. */
  public static StreamOrder afterInPart(long revision) {
    return new StreamOrder(Phase.TAIL, revision, true, true);
  }

  /**
   * The main revision up to which everything was delivered; 0 before the first base is complete.
   */
  public long completeRevision() {
    return complete;
  }

  /** The newest compact revision that the stream told, -1 if none. */
  public long compactRevision() {
    return compactRevision;
  }

  /** True between a {@link BaseStart} and its {@link Complete}. */
  public boolean inBase() {
    return phase == Phase.COMPACTION || phase == Phase.SIDE_STATE || phase == Phase.BASE_RECORDS;
  }

  /** True where the last revision that was begun has also been completed. */
  public boolean atBoundary() {
    return phase == Phase.TAIL && last.main() <= complete;
  }

  /**
   * Moves on by one item; throws {@link BrokenStreamException} where the item may not stand here.
   */
  public void advance(StreamItem item) {
    if (item instanceof RevisionRecord record) {
      record(record);
    } else if (item instanceof Complete mark) {
      complete(mark);
    } else if (item instanceof SideState side) {
      side(side);
    } else if (item instanceof BaseStart start) {
      require(phase == Phase.START || phase == Phase.TAIL, "a base begins", item);
      start.prefix().filter(prefix -> !mayBePart).ifPresent(StreamOrder::refusePart);
      part = start.prefix().isPresent();
      phase = Phase.COMPACTION;
      last = new Revision(0, 0);
    } else if (item instanceof End) {
      require(phase == Phase.TAIL || phase == Phase.ENDED, "the stream ends", item);
      phase = Phase.ENDED;
    }
  }

  private static void refusePart(ByteString prefix) {
    throw new LodestoneException(
        "this history holds the keys that begin with '"
            + prefix.toStringUtf8()
            + "' only: it is no state of a cluster, and nothing whole can be made of it",
        "put its keys into a living cluster with 'restore keys', or look at them with 'backup get', 'history', 'diff', 'export'");
  }

  private void record(RevisionRecord record) {
    require(
        phase == Phase.SIDE_STATE || phase == Phase.BASE_RECORDS || phase == Phase.TAIL,
        "a record comes",
        record);
    if (!record.revision().isAfter(last)) {
      throw new BrokenStreamException(
          "record " + record.revision() + " comes after record " + last);
    }
    if (phase == Phase.TAIL) {
      if (part ? !continuesPart(record.main()) : record.main() != complete + 1) {
        throw new BrokenStreamException(
            "record "
                + record.revision()
                + " comes while revision "
                + (complete + 1)
                + " is awaited");
      }
    } else {
      phase = Phase.BASE_RECORDS;
    }
    last = record.revision();
  }

  /** A revision that was begun is completed before another one. */
  private boolean continuesPart(long main) {
    return main > complete && (last.main() <= complete || last.main() == main);
  }

  private void complete(Complete mark) {
    boolean legal =
        switch (phase) {
          case SIDE_STATE, BASE_RECORDS ->
              mark.revision() >= Math.max(last.main(), compactRevision);
          case TAIL -> isTailComplete(mark.revision(), Math.max(last.main(), complete));
          case START, COMPACTION, ENDED -> false;
        };
    require(legal, "the last record being " + last + ", the stream is called complete", mark);
    complete = mark.revision();
    last = new Revision(complete, Long.MAX_VALUE);
    phase = Phase.TAIL;
  }

  /** Of a part it may be known that revisions behind the last one told nothing of it. */
  private boolean isTailComplete(long revision, long told) {
    return part ? revision >= told : revision == told;
  }

  private void side(SideState side) {
    if (side instanceof Compaction compaction) {
      require(phase == Phase.COMPACTION || atBoundary(), "a compaction comes", side);
      compactRevision = compaction.scheduled();
      phase = phase == Phase.COMPACTION ? Phase.SIDE_STATE : phase;
    } else if (side instanceof LeaseState || side instanceof LeaseGone) {
      require(phase == Phase.SIDE_STATE || atBoundary(), "a lease comes", side);
    } else {
      require(phase == Phase.SIDE_STATE, "side state of a base comes", side);
    }
  }

  private void require(boolean legal, String what, StreamItem item) {
    if (!legal) {
      throw new BrokenStreamException(
          what
              + " out of place (in "
              + phase
              + "): "
              + item.getClass().getSimpleName()
              + (item instanceof Complete mark ? " at " + mark.revision() : ""));
    }
  }
}
