package io.lodestone.etcdfile.replay;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.LeaseCheckpoint;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.auth.AuthStore;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseGone;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Applies committed requests to a database's state as every etcd member does, and tells what
 * changed. Deterministic. Confined to one thread.
 *
 * <p>What etcd refuses while applying (an unknown lease, a missing permission, an alarm) changes
 * nothing and takes no revision.
 */
final class Replay {
  private final LiveKeys keys;
  private final Leases leases;
  private final Alarms alarms;
  private final AuthStore auth;
  private final Compares compares;
  private final ApplyRules rules;
  private long revision;
  private Compaction compaction;

  /**
   * @param revision the store's revision
   */
  Replay(
      LiveKeys keys,
      Leases leases,
      Alarms alarms,
      AuthStore auth,
      ApplyRules rules,
      long revision,
      Compaction compaction) {
    this.keys = keys;
    this.leases = leases;
    this.alarms = alarms;
    this.auth = auth;
    this.rules = rules;
    this.compares = new Compares(keys);
    this.revision = revision;
    this.compaction = compaction;
  }

  /** The items that the request adds to the tail; {@code at} is when it was known to be applied. */
  List<StreamItem> apply(InternalRaftRequest request, Instant at) {
    if (!AuthReplay.apply(auth, request, keys::ofLease)) {
      return List.of();
    }
    if (request.hasAlarm()) {
      alarms.apply(request.getAlarm());
    }
    if (request.hasLeaseCheckpoint()) {
      return checkpoint(request.getLeaseCheckpoint().getCheckpointsList());
    }
    return alarms.corrupt() ? List.of() : change(request, at);
  }

  private List<StreamItem> change(InternalRaftRequest request, Instant at) {
    if (request.hasPut()) {
      return put(request.getPut(), at);
    }
    if (request.hasDeleteRange()) {
      RevisionBuilder next = nextRevision();
      next.delete(Requests.range(request.getDeleteRange()));
      return complete(next, at);
    }
    if (request.hasTxn()) {
      return txn(request.getTxn(), at);
    }
    if (request.hasCompaction()) {
      return compact(request.getCompaction().getRevision());
    }
    if (request.hasLeaseGrant() && !alarms.noSpace()) {
      return leases
          .grant(request.getLeaseGrant())
          .<List<StreamItem>>map(List::of)
          .orElse(List.of());
    }
    return request.hasLeaseRevoke() ? revoke(request.getLeaseRevoke().getID(), at) : List.of();
  }

  private List<StreamItem> put(PutRequest request, Instant at) {
    if (alarms.noSpace() || !isApplicable(request)) {
      return List.of();
    }
    RevisionBuilder next = nextRevision();
    next.put(request);
    return complete(next, at);
  }

  private List<StreamItem> txn(TxnRequest request, Instant at) {
    if (alarms.noSpace() && TxnPlan.mayPut(request, rules)) {
      return List.of();
    }
    TxnPlan plan = new TxnPlan(request, compares);
    if (!plan.passes(this::isApplicable, this::isReadable)) {
      return List.of();
    }
    RevisionBuilder next = nextRevision();
    plan.run(next);
    return complete(next, at);
  }

  private boolean isApplicable(PutRequest put) {
    boolean needsKey = put.getIgnoreValue() || put.getIgnoreLease();
    return (!needsKey || keys.get(put.getKey()).isPresent())
        && (put.getLease() == 0 || leases.exists(put.getLease()));
  }

  /** A read of the future, or of compacted history, makes the whole transaction fail. */
  private boolean isReadable(RangeRequest range) {
    return range.getRevision() <= 0
        || (range.getRevision() <= revision && range.getRevision() >= compaction.scheduled());
  }

  private List<StreamItem> compact(long at) {
    if (at <= compaction.scheduled() || at > revision) {
      return List.of();
    }
    compaction = new Compaction(at, compaction.finished());
    return List.of(compaction);
  }

  private List<StreamItem> revoke(long lease, Instant at) {
    if (!leases.exists(lease)) {
      return List.of();
    }
    List<ByteString> attached = keys.ofLease(lease);
    leases.revoke(lease);
    RevisionBuilder next = nextRevision();
    next.deleteAll(attached);
    List<StreamItem> items = complete(next, at);
    items.add(new LeaseGone(new LeaseId(lease)));
    return items;
  }

  private List<StreamItem> checkpoint(List<LeaseCheckpoint> checkpoints) {
    List<StreamItem> items = new ArrayList<>();
    checkpoints.forEach(checkpoint -> leases.checkpoint(checkpoint).ifPresent(items::add));
    return items;
  }

  private RevisionBuilder nextRevision() {
    return new RevisionBuilder(keys, revision + 1);
  }

  private List<StreamItem> complete(RevisionBuilder next, Instant at) {
    List<RevisionRecord> records = next.records();
    List<StreamItem> items = new ArrayList<>(records);
    if (!records.isEmpty()) {
      revision++;
      items.add(new Complete(revision, at));
    }
    return items;
  }
}
