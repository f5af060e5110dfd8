package io.lodestone.restore.drill;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.client.EtcdConnection;
import io.lodestone.etcdfile.db.EtcdDatabase;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.etcdfile.member.ClusterSpec;
import io.lodestone.etcdfile.member.MemberDirectorySink;
import io.lodestone.etcdfile.member.MemberSpec;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.stream.EngineSink;
import io.lodestone.repository.SourceHash;
import io.lodestone.restore.Transfer;
import io.lodestone.restore.TransferReport;
import io.lodestone.restore.drill.DrillReport.CapturedHash;
import io.lodestone.restore.drill.DrillReport.SourceAnswer;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.digest.Differences;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Restores a stream into a scratch store and a scratch member directory, and compares what they
 * hold: with each other, with what the stream told, with the hash that the source gave when this
 * was captured, and with the living source, where there are any. Used once.
 */
public final class Drill {
  private static final int MOST_KEYS = 20;
  private static final String MEMBER = "drill";

  /** Of the scratch store, which shares the memory of whoever drills. */
  private static final long CACHE_BYTES = 16 << 20;

  private static final EngineOptions SCRATCH =
      new EngineOptions(EngineOptions.DEFAULT.minLeaseTtl(), 0, 0, 10, CACHE_BYTES);

  private final Path directory;
  private final Optional<SourceHash> captured;
  private final Optional<EtcdConnection> source;
  private final LongConsumer progress;

  /**
   * @param directory an empty one with room for two copies; its content stays the caller's to
   *     delete
   * @param captured what the source said of the revision that will be restored
   * @param source asked for its HashKV at the revision that was restored; its first endpoint only
   * @param progress told now and then how many rows have been restored
   */
  public Drill(
      Path directory,
      Optional<SourceHash> captured,
      Optional<EtcdConnection> source,
      LongConsumer progress) {
    this.directory = directory;
    this.captured = captured;
    this.source = source;
    this.progress = progress;
  }

  /** Reads {@code stream} to its end; closing it stays the caller's. */
  public DrillReport run(RevisionStream stream) throws IOException, InterruptedException {
    Path store = directory.resolve("store");
    Path member = directory.resolve(MEMBER);
    ClusterSpec cluster =
        ClusterSpec.of(List.of(new MemberSpec(MEMBER, List.of("http://127.0.0.1:2380"))));
    SideTally told = new SideTally();
    TransferReport transfer;
    try (EngineSink first = new EngineSink(store, CopyRules.EXACT, CACHE_BYTES);
        MemberDirectorySink second =
            new MemberDirectorySink(cluster, Map.of(MEMBER, member), CopyRules.EXACT)) {
      transfer = new Transfer(progress).run(stream, told.countingInto(new TwoSinks(first, second)));
    }
    return compare(transfer, store, member.resolve("member").resolve("snap").resolve("db"), told);
  }

  private DrillReport compare(TransferReport transfer, Path store, Path database, SideTally told)
      throws IOException, InterruptedException {
    long revision = transfer.revision();
    long compacted = transfer.compactRevision();
    try (Engine engine = Engine.open(store, SCRATCH);
        EngineView view = engine.view();
        EtcdDatabase member = EtcdDatabase.open(database)) {
      HashKv hash = HashKv.of(view.rows(), compacted, revision);
      HashKv memberHash = HashKv.of(member.rows(), compacted, revision);
      List<ByteString> differing =
          new Differences(view.rows(), member.rows(), compacted, revision).keys(MOST_KEYS);
      Optional<SourceAnswer> answer =
          source.isPresent() ? Optional.of(ask(source.get(), view, revision)) : Optional.empty();
      return new DrillReport(
          transfer,
          hash,
          memberHash,
          differing,
          sideStateOf(database).isEqualTo(told),
          captured.isPresent() ? Optional.of(compare(captured.get(), member)) : Optional.empty(),
          answer);
    }
  }

  /** By the member's rows: the store has carried out what was compacted since. */
  private static CapturedHash compare(SourceHash said, EtcdDatabase member) throws IOException {
    return new CapturedHash(said, said.hashOf(member.rows()));
  }

  /** The source may have compacted further since; then both are hashed as of there. */
  private static SourceAnswer ask(EtcdConnection source, EngineView view, long revision)
      throws IOException {
    try {
      HashKVResponse answer = source.hashKv(source.endpoints().get(0), revision);
      HashKv said = new HashKv(answer.getHash(), answer.getCompactRevision(), revision);
      return new SourceAnswer(Optional.of(said), Optional.of(HashKv.like(said, view.rows())));
    } catch (StoreException e) {
      if (e.code() != ErrorCode.COMPACTED) {
        throw e;
      }
      return new SourceAnswer(Optional.empty(), Optional.empty());
    }
  }

  private static SideTally sideStateOf(Path database) throws IOException, InterruptedException {
    SideTally found = new SideTally();
    try (RevisionStream rows = new SnapshotFileSource(database).openAtBase(Reason.INITIAL)) {
      for (StreamItem item = rows.next(); !(item instanceof End); item = rows.next()) {
        found.accept(item);
      }
    }
    return found;
  }
}
