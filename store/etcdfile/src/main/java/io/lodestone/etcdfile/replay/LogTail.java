package io.lodestone.etcdfile.replay;

import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.Request;
import io.lodestone.api.raftpb.ConfChange;
import io.lodestone.api.raftpb.Entry;
import io.lodestone.auth.AuthStore;
import io.lodestone.etcdfile.db.EtcdDatabase;
import io.lodestone.etcdfile.db.ItemReader;
import io.lodestone.etcdfile.wal.LogEntries;
import io.lodestone.etcdfile.wal.MemberLog;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AlarmState;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.SideState;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * The tail that a member's log adds to its database: the entries behind the database's consistent
 * index, applied as etcd would at boot. Confined to one thread.
 *
 * <p>The log is read twice and the database once, for the state of the keys that the entries touch.
 * Memory grows with these keys (a range delete touches its whole range), not with the keyspace.
 */
public final class LogTail implements ItemReader<StreamItem>, AutoCloseable {
  private final TailSurvey survey;
  private final Replay replay;
  private final LogEntries entries;
  private final Queue<StreamItem> pending = new ArrayDeque<>();

  private LogTail(TailSurvey survey, Replay replay, LogEntries entries) {
    this.survey = survey;
    this.replay = replay;
    this.entries = entries;
  }

  /** Reads {@code log} once and, where it has entries to apply up to {@code upTo}, the database. */
  public static LogTail open(EtcdDatabase database, MemberLog log, long upTo) throws IOException {
    long after = Math.max(database.consistentIndex(), log.snapshotIndex());
    TailSurvey survey;
    try (LogEntries entries = log.entries(after, upTo)) {
      survey = TailSurvey.of(database, entries);
    }
    return new LogTail(survey, replay(database, survey), log.entries(after, upTo));
  }

  private static Replay replay(EtcdDatabase database, TailSurvey survey) throws IOException {
    LiveKeys keys = new LiveKeys(survey.touched());
    Leases leases = new Leases();
    Alarms alarms = new Alarms();
    ApplyRules rules = ApplyRules.of(survey.clusterVersion());
    AuthStore auth = AuthReplay.store(() -> rules);
    if (!survey.isEmpty()) {
      keys.load(database.rows());
      ItemReader<SideState> states = database.sideState();
      for (Optional<SideState> state = states.next(); state.isPresent(); state = states.next()) {
        auth.load(state.get());
        if (state.get() instanceof LeaseState lease) {
          leases.add(lease);
        } else if (state.get() instanceof AlarmState alarm) {
          alarms.raise(alarm.alarm());
        }
      }
    }
    auth.loaded();
    return new Replay(
        keys, leases, alarms, auth, rules, database.revision(), database.compaction());
  }

  /** Auth, users, roles, alarms and members as they are behind the last entry. */
  public List<SideState> finalSideState() {
    return survey.finalSideState();
  }

  @Override
  public Optional<StreamItem> next() throws IOException {
    while (pending.isEmpty()) {
      Optional<Entry> entry = entries.next();
      if (entry.isEmpty()) {
        return Optional.empty();
      }
      LogEntry.visit(entry.get(), new Applier());
    }
    return Optional.of(pending.remove());
  }

  @Override
  public void close() throws IOException {
    entries.close();
  }

  /** Hands requests to the replay; what changes members was seen by the survey. */
  private final class Applier implements LogEntry.Visitor {
    @Override
    public void request(InternalRaftRequest request) {
      pending.addAll(replay.apply(request, entries.fileTime()));
    }

    @Override
    public void v2Request(Request request) {}

    @Override
    public void confChange(ConfChange change) {}
  }
}
