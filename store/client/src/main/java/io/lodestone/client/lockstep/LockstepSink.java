package io.lodestone.client.lockstep;

import com.google.common.collect.Iterables;
import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.client.EtcdConnection;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamOrder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Repeats a tail on a living cluster that holds everything before it: each revision as one
 * transaction, so that main and sub revision, version, create revision and lease of every key come
 * out as they were. Small revisions that wait together are sent together ({@link RevisionRun}).
 * Leases and compactions follow.
 *
 * <p>Continuous: what is accepted waits in memory until {@link #commit} repeats it. A base cannot
 * be repeated: it is refused, or forged ({@link ForgePlan}) where {@link ForgeOptions} allow for
 * it. Where the destination goes another way than the replay, a {@link DivergedException} stops it;
 * where it refuses a revision (its quota, its size limits), the replay stops before it and can go
 * on once that is mended. Confined to one thread; one thread of its own keeps leases alive.
 */
public final class LockstepSink implements RevisionSink {
  private final EtcdConnection destination;
  private final PatientCalls calls;
  private final OrderedWrites writes;
  private final PipelinedWrites pipeline;
  private final ReplayedLeases leases;
  private final DeleteRuns deleteRuns = new DeleteRuns(this::countLive);
  private final StreamOrder order;
  private final Optional<ForgeOptions> forge;
  private final Deque<Step> steps = new ArrayDeque<>();
  private Optional<RevisionSink> base = Optional.empty();
  private List<RevisionRecord> open = new ArrayList<>();
  private long revision;
  private long compacted = -1;

  /** Something to be repeated on the destination. */
  private interface Step {
    void repeat() throws IOException, InterruptedException;
  }

  /** A whole revision. */
  private final class Revised implements Step {
    private final long next;
    private final List<RevisionRecord> records;

    Revised(long next, List<RevisionRecord> records) {
      this.next = next;
      this.records = records;
    }

    @Override
    public void repeat() throws InterruptedException {
      LockstepSink.this.repeat(next, records);
    }
  }

  private LockstepSink(
      EtcdConnection destination,
      PatientCalls calls,
      ReplayedLeases leases,
      long revision,
      Optional<ForgeOptions> forge) {
    this.destination = destination;
    this.forge = forge;
    this.calls = calls;
    this.leases = leases;
    this.writes = new OrderedWrites(destination, calls);
    this.pipeline = new PipelinedWrites(destination, calls, writes);
    this.order = StreamOrder.after(revision);
    this.revision = revision;
  }

  /**
   * Goes on where the destination is.
   *
   * @param destination stays the caller's to close; nobody else may write to it
   * @param source asked for leases that the stream did not tell of
   * @param patience how long the destination may be away before a commit fails
   */
  public static LockstepSink open(EtcdConnection destination, GrantedTtls source, Duration patience)
      throws InterruptedException {
    return open(destination, source, patience, Optional.empty());
  }

  /** The same for a destination that bases are forged on. */
  public static LockstepSink forging(
      EtcdConnection destination, GrantedTtls source, Duration patience, ForgeOptions forge)
      throws InterruptedException {
    return open(destination, source, patience, Optional.of(forge));
  }

  private static LockstepSink open(
      EtcdConnection destination,
      GrantedTtls source,
      Duration patience,
      Optional<ForgeOptions> forge)
      throws InterruptedException {
    PatientCalls calls = new PatientCalls(patience);
    ReplayedLeases leases = new ReplayedLeases(destination, source, calls);
    long revision = calls.insist(destination::revision);
    leases.load();
    return new LockstepSink(destination, calls, leases, revision, forge);
  }

  /** The revision that the destination has. */
  public long revision() {
    return revision;
  }

  /** How many leases the destination has. */
  public int leases() {
    return leases.count();
  }

  @Override
  public void accept(StreamItem item) throws IOException, InterruptedException {
    if (item instanceof BaseStart start) {
      begin(start);
    }
    order.advance(item);
    if (base.isPresent()) {
      shelve(item, base.get());
      return;
    }
    if (item instanceof RevisionRecord record) {
      open.add(record);
    } else if (item instanceof Complete mark && !open.isEmpty()) {
      List<RevisionRecord> whole = open;
      open = new ArrayList<>();
      steps.add(new Revised(mark.revision(), whole));
    } else if (item instanceof LeaseState lease) {
      steps.add(() -> leases.granted(lease.id(), lease.grantedTtlSeconds()));
    } else if (item instanceof LeaseGone gone) {
      steps.add(() -> leases.gone(gone.id()));
    } else if (item instanceof Compaction told) {
      steps.add(() -> compact(told.scheduled()));
    }
  }

  private void begin(BaseStart start) throws IOException {
    ForgeOptions options =
        forge
            .filter(allowed -> allowed.bases().contains(start.reason()))
            .orElseThrow(
                () ->
                    new LodestoneException(
                        "the source cannot be followed behind revision "
                            + order.completeRevision()
                            + " any more ("
                            + start.reason()
                            + "): a new base is needed",
                        "seed the destination anew"));
    closeBase();
    open.clear();
    base = Optional.of(options.shelf().put());
  }

  private void shelve(StreamItem item, RevisionSink shelf)
      throws IOException, InterruptedException {
    shelf.accept(item);
    if (item instanceof Complete) {
      long unused = shelf.commit();
      closeBase();
      steps.add(() -> forge(forge.orElseThrow()));
    }
  }

  private void closeBase() throws IOException {
    if (base.isPresent()) {
      base.get().close();
      base = Optional.empty();
    }
  }

  /**
   * Brings the destination to the base on the shelf: what has been compacted away by another
   * history that ends alike, what is behind it as it was.
   */
  private void forge(ForgeOptions options) throws IOException, InterruptedException {
    revision = calls.insist(destination::revision);
    ForgePlan plan;
    try (RevisionStream stream = options.shelf().take()) {
      plan = ForgePlan.of(stream, revision, new LiveKeys(destination, calls).at(revision));
    }
    options.listener().begins(plan.cost());
    leases.become(plan.leases());
    try (RevisionStream stream = options.shelf().take()) {
      PaddedWrites padding = new PaddedWrites(destination, calls, writes, plan.pads());
      ForgedSink forged = new ForgedSink(options.listener(), plan.target());
      StreamItem item = new Forging(plan, revision, writes, padding, forged).run(stream);
      compact(plan.compacted());
      repeat(item, stream, forged);
      item = stream.next();
      while (!(item instanceof End)) {
        if (item instanceof Compaction told) {
          compact(told.scheduled());
        }
        item = stream.next();
      }
    }
  }

  /** The rows behind the horizon, beginning with {@code first}, each revision as it was. */
  private void repeat(StreamItem first, RevisionStream rest, ForgedSink forged)
      throws IOException, InterruptedException {
    List<RevisionRecord> records = new ArrayList<>();
    StreamItem item = first;
    while (item instanceof RevisionRecord row) {
      if (!records.isEmpty() && records.get(0).main() != row.main()) {
        repeat(records.get(0).main(), records);
        forged.reached(revision);
        records = new ArrayList<>();
      }
      records.add(row);
      item = rest.next();
    }
    if (!records.isEmpty()) {
      repeat(records.get(0).main(), records);
      forged.reached(revision);
    }
  }

  /** What a forging sees of this. */
  private final class ForgedSink implements Forging.Sink {
    private final ForgeListener listener;
    private final long target;

    ForgedSink(ForgeListener listener, long target) {
      this.listener = listener;
      this.target = target;
    }

    @Override
    public void requireLease(LeaseId lease) throws InterruptedException {
      leases.require(lease);
    }

    @Override
    public List<Operation> operations(List<RevisionRecord> records) throws InterruptedException {
      return deleteRuns.operations(records);
    }

    @Override
    public void reached(long next) throws IOException {
      revision = next;
      listener.at(next, target);
    }

    @Override
    public void compact(long at) throws InterruptedException {
      LockstepSink.this.compact(at);
    }
  }

  /** When it fails, what was repeated stays, and a further commit goes on behind it. */
  @Override
  public long commit() throws IOException, InterruptedException {
    while (!steps.isEmpty()) {
      RevisionRun run = run();
      if (run.size() > 1) {
        repeat(run);
      } else {
        steps.peekFirst().repeat();
        steps.removeFirst();
      }
    }
    leases.settleIfDue();
    return revision;
  }

  /** As many of the next steps as are revisions that can be made together. */
  private RevisionRun run() {
    RevisionRun run = new RevisionRun();
    for (Step step : steps) {
      if (!(step instanceof Revised revised && run.add(revised.next, revised.records))) {
        break;
      }
    }
    return run;
  }

  private void repeat(RevisionRun run) throws InterruptedException {
    for (Step step : Iterables.limit(steps, run.size())) {
      requireLeases(((Revised) step).records);
    }
    pipeline.apply(
        run,
        made -> {
          revision = made;
          steps.removeFirst();
        });
  }

  private static LeaseId leaseOf(RevisionRecord record) {
    return new LeaseId(record.tombstone() ? 0 : record.keyValue().getLease());
  }

  private void requireLeases(List<RevisionRecord> records) throws InterruptedException {
    for (RevisionRecord record : records) {
      leases.require(leaseOf(record));
    }
  }

  private void repeat(long next, List<RevisionRecord> records) throws InterruptedException {
    requireLeases(records);
    writes.apply(next, RevisionTxn.of(next, records, deleteRuns.operations(records)));
    revision = next;
  }

  private long countLive(ByteString from, ByteString to) throws InterruptedException {
    RangeRequest count =
        RangeRequest.newBuilder().setKey(from).setRangeEnd(to).setCountOnly(true).build();
    return calls.insist(() -> destination.read(KVGrpc.getRangeMethod(), count)).getCount();
  }

  /** Compacts the destination at {@code target}, if it is not compacted that far yet. */
  public void compact(long target) throws InterruptedException {
    if (target <= Math.max(0, compacted)) {
      return;
    }
    CompactionRequest request = CompactionRequest.newBuilder().setRevision(target).build();
    calls.insist(ErrorCode.COMPACTED, () -> destination.write(KVGrpc.getCompactMethod(), request));
    compacted = target;
  }

  /** From now on the destination may be away for {@code patience} at most. */
  public void limitPatience(Duration patience) {
    calls.limitPatience(patience);
  }

  /**
   * Makes the destination's leases those of {@code live}, once everything else is repeated. Fails
   * where one that has to go has keys.
   */
  public void alignLeases(Set<LeaseId> live) throws InterruptedException {
    leases.align(live);
  }

  /**
   * Ends the hold of seeded leases: each gets its granted TTL from now on, and it is up to its
   * client to keep it alive. Returns how many there were.
   */
  public int releaseLeases() throws InterruptedException {
    return leases.release();
  }

  /** What was accepted and not committed is not repeated. */
  @Override
  public void close() throws IOException {
    try {
      closeBase();
    } finally {
      leases.close();
    }
  }
}
