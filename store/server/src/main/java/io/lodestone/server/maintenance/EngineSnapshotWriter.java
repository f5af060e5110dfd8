package io.lodestone.server.maintenance;

import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.etcdfile.db.SnapshotFileSink;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.stream.BaseStream;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.MemberState;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * Writes what an engine holds as a database of etcd, row by row: keys, leases and users of one
 * moment. Thread-safe.
 */
public final class EngineSnapshotWriter implements SnapshotWriter {
  private final Engine engine;
  private final Supplier<List<Member>> members;
  private final Origin origin;
  private final Clock clock;

  public EngineSnapshotWriter(
      Engine engine, Supplier<List<Member>> members, Origin origin, Clock clock) {
    this.engine = engine;
    this.members = members;
    this.origin = origin;
    this.clock = clock;
  }

  @Override
  public long write(Path target) throws IOException, InterruptedException {
    BaseStart start = new BaseStart(origin, clock.instant(), Reason.REQUESTED);
    try (EngineView view = settledView();
        RevisionStream base = new BaseStream(view, start);
        SnapshotFileSink sink = new SnapshotFileSink(target, CopyRules.EXACT)) {
      for (StreamItem item = base.next(); !(item instanceof End); item = base.next()) {
        sink.accept(item);
        if (item instanceof Compaction) {
          writeMembers(sink);
        }
      }
      return sink.commit();
    }
  }

  /** A view without a compaction under way: what was removed and what was not would be mixed. */
  private EngineView settledView() throws InterruptedException {
    while (true) {
      EngineView view = engine.view();
      var compacted = engine.whenCompacted(view.compactRevision());
      if (compacted.isDone()) {
        return view;
      }
      view.close();
      try {
        compacted.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("the compaction under way has failed", e.getCause());
      }
    }
  }

  /** They are not part of the log, and stand with the base's other side state. */
  private void writeMembers(SnapshotFileSink sink) throws IOException {
    for (Member member : members.get()) {
      sink.accept(new MemberState(member));
    }
  }
}
