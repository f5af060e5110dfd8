package io.lodestone.client.lockstep;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.UnavailableException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the transactions of a replay to the leader, one at a time, and finds out what became of
 * those whose answer was lost. {@link PipelinedWrites} send several. Confined to one thread.
 */
final class OrderedWrites {
  private static final Logger log = LoggerFactory.getLogger(OrderedWrites.class);

  private final EtcdConnection destination;
  private final PatientCalls calls;
  private Optional<Endpoint> leader = Optional.empty();

  OrderedWrites(EtcdConnection destination, PatientCalls calls) {
    this.destination = destination;
    this.calls = calls;
  }

  /** When this returns, the destination is at {@code revision}, made by {@code txn}. */
  void apply(long revision, TxnRequest txn) throws InterruptedException {
    apply(revision, txn, false, revision);
  }

  /**
   * The same for a revision that other requests, whose answers were lost, may make as well, and
   * those behind it up to {@code last}.
   */
  void applyPerhapsAgain(long revision, TxnRequest txn, long last) throws InterruptedException {
    apply(revision, txn, true, last);
  }

  private void apply(long revision, TxnRequest txn, boolean perhapsMade, long last)
      throws InterruptedException {
    boolean uncertain = perhapsMade;
    while (true) {
      try {
        TxnResponse answer = destination.ask(leader(), KVGrpc.getTxnMethod(), txn);
        long found = answer.getHeader().getRevision();
        boolean made = answer.getSucceeded() && found == revision;
        boolean madeBefore =
            !answer.getSucceeded() && uncertain && found >= revision && found <= last;
        if (made || madeBefore) {
          return; // where it did not succeed, the guard kept the second of two from counting
        }
        throw diverged(revision, found);
      } catch (LodestoneException e) {
        if (!UnavailableException.isAbsence(e)) {
          throw explained(revision, e);
        }
        forgetLeader();
        uncertain = true;
        if (isThere(revision, last)) {
          return;
        }
      }
    }
  }

  /**
   * Sends {@code txn} once and takes whatever becomes of it; fails where the destination refuses
   * it, and waits where it is away.
   */
  void attempt(long revision, TxnRequest txn) throws InterruptedException {
    try {
      TxnResponse unused = destination.ask(leader(), KVGrpc.getTxnMethod(), txn);
    } catch (LodestoneException e) {
      if (!UnavailableException.isAbsence(e)) {
        throw explained(revision, e);
      }
      forgetLeader();
      long unused = calls.insist(destination::revision);
    }
  }

  /** The member to write to. */
  Endpoint leader() {
    if (leader.isEmpty()) {
      leader = Optional.of(findLeader());
    }
    return leader.get();
  }

  /** It did not do what it was asked to. */
  void forgetLeader() {
    leader = Optional.empty();
  }

  /** Whether an attempt whose answer was lost has been applied. */
  private boolean isThere(long revision, long last) throws InterruptedException {
    long reached = calls.insist(destination::revision);
    if (reached < revision - 1 || reached > last) {
      throw diverged(revision, reached);
    }
    return reached >= revision;
  }

  private Endpoint findLeader() {
    for (Endpoint endpoint : destination.endpoints()) {
      try {
        StatusResponse status = destination.status(endpoint);
        if (status.getLeader() == status.getHeader().getMemberId()) {
          return endpoint;
        }
      } catch (UnavailableException e) {
        log.atDebug()
            .addKeyValue("reason", e.getMessage())
            .log("looking for the leader among the other members");
      }
    }
    return destination.endpoints().get(0);
  }

  static DivergedException diverged(long awaited, long found) {
    return new DivergedException(
        "the destination is at revision "
            + found
            + " where the replay of revision "
            + awaited
            + " was to take it there: somebody else wrote to it, or a lease expired on it");
  }

  /** What the server refuses, with what to do about it. */
  private static LodestoneException explained(long revision, LodestoneException failure) {
    if (failure instanceof DivergedException) {
      return failure;
    }
    String what = "revision " + revision + " cannot be repeated: ";
    if (failure instanceof StoreException refused && refused.code() == ErrorCode.NO_SPACE) {
      return new LodestoneException(
          what + "the destination's quota is reached",
          "start its members with a larger --quota-backend-bytes, disarm the NOSPACE alarm, then"
              + " go on",
          failure);
    }
    if (failure instanceof StoreException refused && refused.code() == ErrorCode.LEASE_NOT_FOUND) {
      return new DivergedException(what + "a lease that it names has expired on the destination");
    }
    if (isTooLarge(failure)) {
      return new LodestoneException(
          what + "it is larger than the destination takes",
          "start its members with the source's --max-request-bytes and --max-txn-ops, then go on",
          failure);
    }
    return failure;
  }

  private static boolean isTooLarge(LodestoneException failure) {
    return (failure instanceof StoreException refused
            && refused.code() == ErrorCode.REQUEST_TOO_LARGE)
        || failure.getMessage().contains("larger than max");
  }
}
