package io.lodestone.server.maintenance;

import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.etcdfile.db.DatabaseRules;
import io.lodestone.etcdfile.db.SnapshotFileSink;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AlarmState;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.MemberState;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * Writes what an engine holds as a database of etcd, row by row. The keyspace is that of one
 * moment; leases, users and alarms are as they are a moment later. Thread-safe.
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
    try (EngineView view = settledView();
        SnapshotFileSink sink = new SnapshotFileSink(target, DatabaseRules.EXACT)) {
      writeSideState(sink, view.compactRevision());
      view.rows()
          .scan(
              row -> {
                sink.accept(row);
                return true;
              });
      sink.accept(new Complete(view.revision(), clock.instant()));
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

  private void writeSideState(SnapshotFileSink sink, long compacted) throws IOException {
    sink.accept(new BaseStart(origin, clock.instant(), Reason.REQUESTED));
    sink.accept(new Compaction(compacted, compacted));
    for (LeaseId id : engine.leases().list()) {
      var status = engine.leases().status(id, false);
      if (status.isPresent()) {
        sink.accept(
            new LeaseState(
                id,
                status.get().grantedTtlSeconds(),
                Math.max(0, status.get().remainingTtlSeconds())));
      }
    }
    for (StreamItem item : engine.auth().sideState()) {
      sink.accept(item);
    }
    for (var alarm : engine.alarms().raised()) {
      sink.accept(new AlarmState(alarm));
    }
    for (Member member : members.get()) {
      sink.accept(new MemberState(member));
    }
  }
}
