package io.lodestone.migrate.copy;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.KeyspaceWatch;
import io.lodestone.client.UnavailableException;
import io.lodestone.client.lockstep.PatientCalls;
import io.lodestone.migrate.compare.Pages;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies a range of keys into another cluster, and keeps the copy what its source is, until it is
 * stopped. It begins by comparing both sides key by key, unless the destination says how far it
 * came and the source still has what followed. Used once; {@link #stop} from any thread.
 */
public final class Copy {
  private static final Logger log = LoggerFactory.getLogger(Copy.class);
  private static final Duration BEGIN_PATIENCE = Duration.ofSeconds(5);
  private static final Duration WAIT = Duration.ofMillis(250);
  private static final long PAUSE_MILLIS = 500;
  private static final int SMALLEST_TXN = 2;

  private final CopyOptions options;
  private final Consumer<CopyReport> progress;
  private final PatientCalls calls;
  private EtcdConnection source;
  private EtcdConnection destination;
  private CopiedLeases leases;
  private GuardedWrites writes;
  private Batches batches;
  private ByteString checkpointKey;
  private long sourceRevision;
  private int bases;
  private int member;
  private volatile boolean stopped;

  /**
   * @param progress is told now and then, on the thread that runs the copy
   */
  public Copy(CopyOptions options, Consumer<CopyReport> progress) {
    if (options.maxTxnOps() < SMALLEST_TXN) {
      throw new LodestoneException(
          "transactions of " + options.maxTxnOps() + " operations cannot copy anything",
          "give --max-txn-ops the destination's, which is 128 unless its members say otherwise");
    }
    this.options = options;
    this.progress = progress;
    this.calls = new PatientCalls(options.patience());
  }

  /** Until it is stopped or, where that was asked for, both sides are equal. */
  public CopyReport run() throws InterruptedException {
    try (EtcdConnection from = EtcdConnection.open(options.source());
        EtcdConnection to = EtcdConnection.open(options.destination());
        CopiedLeases copied = new CopiedLeases(from, to, calls)) {
      source = from;
      destination = to;
      leases = copied;
      begin();
      boolean compare = options.once() || mustCompare();
      while (!stopped) {
        if (compare) {
          compare();
        }
        if (options.once()) {
          break;
        }
        compare = !stopped && follow();
      }
      return report();
    } catch (StoreException e) {
      throw e.code() == ErrorCode.NO_SPACE ? full(e) : e;
    }
  }

  private static LodestoneException full(StoreException refused) {
    return new LodestoneException(
        "the destination's quota is reached, and it takes nothing more",
        "start its members with a larger --quota-backend-bytes, or compact and defragment them;"
            + " disarm the NOSPACE alarm (etcdctl alarm disarm), then run the copy again, which"
            + " goes on",
        refused);
  }

  /** Ends {@link #run} behind the transaction under way. */
  public void stop() {
    stopped = true;
  }

  private void begin() throws InterruptedException {
    String id = String.format("%016x", source.clusterId());
    String prefix = options.mapping().from().toStringUtf8();
    checkpointKey =
        ByteString.copyFromUtf8(
            options.checkpointKey().orElse("lodestone/copy/" + id + "/" + prefix));
    if (source.clusterId() == destination.clusterId()
        && options.mapping().from().equals(options.mapping().to())) {
      throw new LodestoneException(
          "source and destination are the same keys of the same cluster",
          "name the endpoints of another cluster, or another --to-prefix");
    }
    requireApart();
    writes =
        GuardedWrites.claim(
            destination, calls, checkpointKey, Checkpoint.none(id, prefix, "nobody"));
    batches = new Batches(writes, options.maxTxnOps());
  }

  /** A copy into the keys that it copies would never end. */
  private void requireApart() {
    KeyMapping mapping = options.mapping();
    boolean nested =
        mapping.to().startsWith(mapping.from()) || mapping.from().startsWith(mapping.to());
    if (source.clusterId() == destination.clusterId() && nested) {
      throw new LodestoneException(
          "within one cluster, a prefix cannot be copied into itself",
          "choose a --to-prefix that does not begin with --prefix, nor the other way round");
    }
  }

  /** Leases may have run out while nobody kept them. */
  private boolean mustCompare() {
    return !writes.standing().complete() || writes.standing().leases();
  }

  private long leaseOf(long lease) throws InterruptedException {
    return options.leases() ? leases.of(lease) : 0;
  }

  private void compare() throws InterruptedException {
    while (!stopped) {
      try {
        batches.discard();
        Pages here = Pages.standing(source, calls, options.mapping().here());
        sourceRevision = here.revision();
        writes.apply(List.of(), writes.standing().at(here.revision(), false, true));
        Pages there = Pages.moving(destination, calls, options.mapping().there());
        Reconciliation reconciliation =
            new Reconciliation(options.mapping(), checkpointKey, this::leaseOf, batches);
        bases++;
        if (reconciliation.run(here, there, this::tellAndHeed)) {
          batches.flush(writes.standing().at(here.revision(), true, leases.inUse()));
          progress.accept(report());
        }
        return;
      } catch (StoreException e) {
        if (e.code() != ErrorCode.COMPACTED) {
          throw e;
        }
        log.atWarn().log("the source was compacted while both sides were compared; comparing anew");
      }
    }
  }

  private boolean tellAndHeed() {
    progress.accept(report());
    return stopped;
  }

  /** True where both sides have to be compared anew. */
  private boolean follow() throws InterruptedException {
    batches.discard();
    Checkpoint reached = writes.standing();
    Tail tail = new Tail(options.mapping(), checkpointKey, this::leaseOf, batches, reached);
    Endpoint endpoint = source.endpoints().get(member % source.endpoints().size());
    try (KeyspaceWatch watch =
        KeyspaceWatch.open(
            source, endpoint, options.mapping().here(), reached.revision() + 1, BEGIN_PATIENCE)) {
      while (!stopped) {
        Optional<WatchResponse> told = watch.poll(WAIT);
        if (told.isPresent() && told.get().getCanceled()) {
          log.atWarn()
              .addKeyValue("revision", writes.standing().revision())
              .addKeyValue("compactRevision", told.get().getCompactRevision())
              .log("the source has compacted what was still to be copied; comparing both sides");
          return true;
        }
        if (told.isPresent()) {
          sourceRevision = Math.max(sourceRevision, told.get().getHeader().getRevision());
          tail.take(told.get(), leases.inUse());
        }
        progress.accept(report());
        if (leases.haveLapsed()) {
          log.atWarn().log("leases ran out at the destination; comparing both sides");
          return true;
        }
      }
    } catch (UnavailableException e) {
      member++;
      log.atWarn()
          .addKeyValue("reason", e.getMessage())
          .log("the source does not tell its changes; trying another member");
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
    return false;
  }

  private CopyReport report() {
    return new CopyReport(
        writes.standing().revision(),
        sourceRevision,
        batches.puts(),
        batches.deletes(),
        writes.transactions(),
        bases);
  }
}
