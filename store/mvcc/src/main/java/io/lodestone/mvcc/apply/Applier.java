package io.lodestone.mvcc.apply;

import com.google.protobuf.Message;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.EmptyResponse;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.auth.AuthStore;
import io.lodestone.mvcc.keyspace.LeaseKeys;
import io.lodestone.mvcc.lease.LeaseTable;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.mvcc.log.LogEntry;
import io.lodestone.mvcc.members.MemberChange;
import io.lodestone.mvcc.members.MemberTable;
import java.util.List;

/**
 * Applies one committed entry after another. What etcd refuses while applying (an unknown lease, a
 * missing permission, an alarm) changes nothing and is told in the result; anything else that goes
 * wrong is thrown, and must stop the node.
 *
 * <p>A request that no longer fits the quota is applied all the same, and answered with NO_SPACE,
 * as etcd does: the quota is a setting of each member, while what is applied must be the same on
 * all. Whoever sees the answer raises the alarm, which goes through the log.
 */
public final class Applier {
  private final Draft draft;
  private final AlarmTable alarms;
  private final AuthStore auth;
  private final MemberTable members;
  private final Space space;
  private final KeyChanges keys;
  private final LeaseChanges leases;

  /** Applies to {@code draft} and to what is kept in memory beside it. */
  public Applier(Draft draft, Beside beside, Space space, long shortestTtlSeconds) {
    LeaseTable leases = beside.leases();
    this.draft = draft;
    this.alarms = beside.alarms();
    this.auth = beside.auth();
    this.members = beside.members();
    this.space = space;
    this.keys = new KeyChanges(draft, leases);
    this.leases = new LeaseChanges(draft, leases, keys, shortestTtlSeconds);
  }

  public Applied apply(LogEntry entry) {
    Applied applied = result(entry.index(), entry.request());
    draft.advanceTo(draft.standing().applied(entry.index(), entry.term()));
    return applied;
  }

  /** Changes of the cluster's configuration, which are entries of their own in the log. */
  public void apply(long index, long term, List<MemberChange> changes) {
    changes.forEach(change -> members.apply(change, draft::put));
    draft.advanceTo(draft.standing().applied(index, term));
  }

  private Applied result(long index, InternalRaftRequest request) {
    try {
      checkAlarms(request);
      auth.check(request, lease -> LeaseKeys.attached(draft.settled(), lease));
      boolean fits = space.fits(request, draft.sizeBytes());
      Message response =
          AuthStore.isAuthRequest(request) ? auth.apply(index, request, draft) : change(request);
      return fits
          ? Applied.done(draft.revision(), response)
          : Applied.refused(draft.revision(), new StoreException(ErrorCode.NO_SPACE));
    } catch (StoreException e) {
      return Applied.refused(draft.revision(), e);
    }
  }

  /** Under CORRUPT nothing of the keyspace is touched; under NOSPACE nothing may grow. */
  private void checkAlarms(InternalRaftRequest request) {
    if (alarms.raised().isEmpty()) {
      return;
    }
    if (alarms.corrupt() && isOfKeyspace(request)) {
      throw new StoreException(ErrorCode.CORRUPT);
    }
    boolean grows = request.hasPut() || request.hasLeaseGrant() || Space.cost(request) > 0;
    if (alarms.noSpace() && grows) {
      throw new StoreException(ErrorCode.NO_SPACE);
    }
  }

  private static boolean isOfKeyspace(InternalRaftRequest request) {
    return request.hasPut()
        || request.hasRange()
        || request.hasDeleteRange()
        || request.hasTxn()
        || request.hasCompaction()
        || request.hasLeaseGrant()
        || request.hasLeaseRevoke();
  }

  private Message change(InternalRaftRequest request) {
    if (request.hasPut()) {
      return keys.put(request.getPut());
    }
    if (request.hasTxn()) {
      return keys.txn(request.getTxn());
    }
    if (request.hasDeleteRange()) {
      return keys.delete(request.getDeleteRange());
    }
    if (request.hasRange()) {
      return keys.range(request.getRange());
    }
    if (request.hasCompaction()) {
      return keys.compact(request.getCompaction());
    }
    return changeBesideKeys(request);
  }

  private Message changeBesideKeys(InternalRaftRequest request) {
    if (request.hasLeaseGrant()) {
      return leases.grant(request.getLeaseGrant());
    }
    if (request.hasLeaseRevoke()) {
      return leases.revoke(request.getLeaseRevoke());
    }
    if (request.hasLeaseCheckpoint()) {
      return leases.checkpoint(request.getLeaseCheckpoint());
    }
    if (request.hasAlarm()) {
      return alarms.apply(request.getAlarm(), draft);
    }
    changeCluster(request);
    return EmptyResponse.getDefaultInstance();
  }

  private void changeCluster(InternalRaftRequest request) {
    if (request.hasClusterVersionSet()) {
      members.setVersion(request.getClusterVersionSet().getVer(), draft::put);
    } else if (request.hasClusterMemberAttrSet()) {
      members.apply(request.getClusterMemberAttrSet(), draft::put);
    } else if (request.hasDowngradeInfoSet()) {
      members.apply(request.getDowngradeInfoSet(), draft::put);
    } else if (request.hasV2()) {
      members.apply(request.getV2(), draft::put);
    }
  }
}
