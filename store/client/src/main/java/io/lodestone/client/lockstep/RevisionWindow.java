package io.lodestone.client.lockstep;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.Compare.CompareResult;
import io.lodestone.api.etcdserverpb.Compare.CompareTarget;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.revisions.RevisionRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Some small revisions in a row, as one transaction that makes whichever of them is next. It can be
 * sent once for each of them, all at the same time, and need not arrive in order: a server that
 * handles concurrent calls in any order cannot make them in a wrong one.
 *
 * <pre>{@code
 * if   the state is 6 then make 7
 * else if it is 5     then make 6
 * else if it is not 5 yet, make 5            revisions 5 to 7 follow 4
 * }</pre>
 *
 * That the state is r is seen in a key that r changed: its modify revision is r, or, where r
 * deleted it, 0. So that this holds in every state from before the window to behind it, a key that
 * is deleted in a window is changed nowhere else in it. Each revision has the guard of {@link
 * RevisionTxn} besides, and so counts once even where a request arrives late.
 *
 * <p>Each of n requests carries n revisions. The limits keep what the destination's log takes up
 * bounded: its members hold many thousand entries in memory. Confined to one thread.
 */
final class RevisionWindow {
  /** More than that, and the requests' size outgrows what a round trip saves. */
  private static final int MOST_REVISIONS = 8;

  private static final int MOST_BYTES = 4096;

  /** Compares and operations of all levels count together against etcd's limit of 128. */
  private static final int MOST_OPERATIONS = 64;

  private static final int COMPARES = 2;

  /** That the window in front is made, where this one need not wait for it. */
  private final Optional<Compare> isTurn;

  private final Set<ByteString> changedInFront;
  private final Set<ByteString> deletedInFront;
  private final List<Link> links = new ArrayList<>();
  private final Set<ByteString> changed = new HashSet<>();
  private final Set<ByteString> deleted = new HashSet<>();
  private int bytes;
  private int operations;

  /** One revision, all of whose keys differ. */
  private record Link(long revision, List<RevisionRecord> records) {
    Compare isNewest() {
      RevisionRecord seen = records.get(0);
      return Compare.newBuilder()
          .setTarget(CompareTarget.MOD)
          .setKey(seen.key())
          .setResult(CompareResult.EQUAL)
          .setModRevision(seen.tombstone() ? 0 : revision)
          .build();
    }

    TxnRequest txn() {
      return RevisionTxn.of(revision, records, records.stream().map(Operation::of).toList());
    }
  }

  private RevisionWindow(
      Optional<Compare> isTurn, Set<ByteString> changedInFront, Set<ByteString> deletedInFront) {
    this.isTurn = isTurn;
    this.changedInFront = changedInFront;
    this.deletedInFront = deletedInFront;
  }

  /** An empty one, to be sent when everything before it is made. */
  static RevisionWindow first() {
    return new RevisionWindow(Optional.empty(), Set.of(), Set.of());
  }

  /** An empty one, which may be sent before {@code front} is made. */
  static RevisionWindow behind(RevisionWindow front) {
    Link newest = front.links.get(front.links.size() - 1);
    return new RevisionWindow(Optional.of(newest.isNewest()), front.changed, front.deleted);
  }

  /** Adds the next revision; false where it does not go with the others, and is not added. */
  boolean add(long revision, List<RevisionRecord> records) {
    int size = records.stream().mapToInt(record -> record.value().size()).sum();
    int cost = Math.max(COMPARES, records.size());
    boolean fits =
        links.size() < MOST_REVISIONS
            && bytes + size <= MOST_BYTES
            && operations + cost <= MOST_OPERATIONS;
    if (!fits || isEntangled(records)) {
      return false;
    }
    for (RevisionRecord record : records) {
      changed.add(record.key());
      if (record.tombstone()) {
        deleted.add(record.key());
      }
    }
    links.add(new Link(revision, records));
    bytes += size;
    operations += cost;
    return true;
  }

  private boolean isEntangled(List<RevisionRecord> records) {
    Set<ByteString> own = new HashSet<>();
    for (RevisionRecord record : records) {
      boolean twice = !own.add(record.key());
      Set<ByteString> others = record.tombstone() ? changed : deleted;
      Set<ByteString> othersInFront = record.tombstone() ? changedInFront : deletedInFront;
      if (twice || others.contains(record.key()) || othersInFront.contains(record.key())) {
        return true;
      }
    }
    return false;
  }

  /** All changes, in order. */
  List<RevisionRecord> records() {
    return links.stream().flatMap(link -> link.records().stream()).toList();
  }

  int size() {
    return links.size();
  }

  /** Whether it may be sent too early. */
  boolean awaitsItsTurn() {
    return isTurn.isPresent();
  }

  long from() {
    return links.get(0).revision();
  }

  long to() {
    return links.get(links.size() - 1).revision();
  }

  /** Makes {@code revision}, one of these, and no other. */
  TxnRequest only(long revision) {
    return links.get((int) (revision - from())).txn();
  }

  /** Makes whichever is next, and nothing once the last one is made. */
  TxnRequest next() {
    TxnRequest.Builder first = links.get(0).txn().toBuilder();
    isTurn.ifPresent(first::addCompare);
    TxnRequest chain = first.build();
    for (int i = 1; i < links.size(); i++) {
      chain =
          links.get(i).txn().toBuilder()
              .addCompare(links.get(i - 1).isNewest())
              .addFailure(RequestOp.newBuilder().setRequestTxn(chain))
              .build();
    }
    return chain;
  }
}
