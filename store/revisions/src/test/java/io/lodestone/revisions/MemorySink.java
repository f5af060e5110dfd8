package io.lodestone.revisions;

import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import java.util.ArrayList;
import java.util.List;

/** The reference sink, and the source of what was committed to it. */
public final class MemorySink implements RevisionSink, RevisionSource {
  private final StreamOrder order = StreamOrder.atBase();
  private final List<StreamItem> pending = new ArrayList<>();
  private List<StreamItem> committed = List.of();
  private int pendingComplete;

  @Override
  public void accept(StreamItem item) {
    order.advance(item);
    if (item instanceof BaseStart) {
      pending.clear();
      pendingComplete = 0;
    }
    pending.add(item);
    if (item instanceof Complete) {
      pendingComplete = pending.size();
    }
  }

  @Override
  public long commit() {
    committed = List.copyOf(pending.subList(0, pendingComplete));
    return order.completeRevision();
  }

  @Override
  public RevisionStream openAtBase(Reason reason) {
    return new MemoryStream(committed);
  }

  @Override
  public RevisionStream openAfter(long revision) {
    return new MemoryStream(committed.stream().filter(item -> isAfter(item, revision)).toList());
  }

  private static boolean isAfter(StreamItem item, long revision) {
    return (item instanceof RevisionRecord record && record.main() > revision)
        || (item instanceof Complete mark && mark.revision() > revision);
  }

  @Override
  public void close() {}
}
