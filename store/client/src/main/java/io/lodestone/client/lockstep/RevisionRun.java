package io.lodestone.client.lockstep;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.revisions.RevisionRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Small revisions in a row that can be made by requests which are under way at the same time. A
 * server handles concurrent calls in any order, and must not make revisions in a wrong one: each
 * request makes whichever is next of all that may still be missing when it arrives.
 *
 * <pre>{@code
 * if      revision 5 is not made, make 5      5 was not known to be made when this was sent
 * else if revision 6 is not made, make 6      its own place, where none overtakes another
 * else if revision 7 is not made, make 7      for being overtaken
 * }</pre>
 *
 * That a revision is not made yet is the guard of {@link RevisionTxn}: a key that it puts has a
 * lower modify revision, one that it deletes is there. So that this holds in every state from
 * before the run to behind it, a key that is deleted in a run is changed nowhere else in it. A
 * request that many have overtaken makes nothing, and its revision is asked for again.
 *
 * <p>The limits keep what the destination's log takes up bounded: its members hold many thousand
 * entries in memory. Confined to one thread.
 */
final class RevisionRun {
  /** Shorter ones come too late more often, longer ones cost more than they save. */
  private static final int FOR_BEING_OVERTAKEN = 3;

  /** Of the values in one request. */
  private static final int MOST_BYTES = 4096;

  /** Compares and operations of all levels count together against etcd's limit of 128. */
  private static final int MOST_OPERATIONS = 64;

  private final List<Link> links = new ArrayList<>();
  private final Set<ByteString> changed = new HashSet<>();
  private final Set<ByteString> deleted = new HashSet<>();

  /** One revision, all of whose keys differ. */
  private record Link(long revision, TxnRequest txn, int bytes, int operations) {
    static Link of(long revision, List<RevisionRecord> records) {
      return new Link(
          revision,
          RevisionTxn.of(revision, records, records.stream().map(Operation::of).toList()),
          records.stream().mapToInt(record -> record.value().size()).sum(),
          records.size());
    }

    boolean isSmall() {
      return 2 * bytes <= MOST_BYTES && 2 * operations <= MOST_OPERATIONS;
    }
  }

  /** Makes one of the revisions from {@code from} to {@code to}, both included. */
  record Request(long from, long to, TxnRequest txn) {

    /** Which one it has made; empty where it came too late. */
    OptionalLong made(TxnResponse answer) {
      TxnResponse level = answer;
      long revision = from;
      while (!level.getSucceeded() && revision < to) {
        level = level.getResponses(0).getResponseTxn();
        revision++;
      }
      return level.getSucceeded() ? OptionalLong.of(revision) : OptionalLong.empty();
    }
  }

  /** Adds the next revision; false where it does not go with the others, and is not added. */
  boolean add(long revision, List<RevisionRecord> records) {
    Link link = Link.of(revision, records);
    boolean follows = links.isEmpty() || revision == from() + links.size();
    if (!follows || !link.isSmall() || isEntangled(records)) {
      return false;
    }
    for (RevisionRecord record : records) {
      changed.add(record.key());
      if (record.tombstone()) {
        deleted.add(record.key());
      }
    }
    links.add(link);
    return true;
  }

  private boolean isEntangled(List<RevisionRecord> records) {
    Set<ByteString> own = new HashSet<>();
    for (RevisionRecord record : records) {
      Set<ByteString> others = record.tombstone() ? changed : deleted;
      if (!own.add(record.key()) || others.contains(record.key())) {
        return true;
      }
    }
    return false;
  }

  int size() {
    return links.size();
  }

  long from() {
    return links.get(0).revision();
  }

  private Link link(long revision) {
    return links.get((int) (revision - from()));
  }

  /** Makes {@code revision}, one of these, and no other. */
  TxnRequest only(long revision) {
    return link(revision).txn();
  }

  /**
   * Makes one of those from {@code missing} to {@code own}, or one of the next few; empty where
   * that would be too large.
   *
   * @param missing the first one that is not known to be made
   */
  Optional<Request> request(long missing, long own) {
    int bytes = 0;
    int operations = 0;
    long end = missing;
    long wanted = Math.min(from() + links.size(), own + 1 + FOR_BEING_OVERTAKEN);
    while (end < wanted) {
      bytes += link(end).bytes();
      operations += link(end).operations();
      if (bytes > MOST_BYTES || operations > MOST_OPERATIONS) {
        break;
      }
      end++;
    }
    return end > own
        ? Optional.of(new Request(missing, end - 1, chain(missing, end - 1)))
        : Optional.empty();
  }

  private TxnRequest chain(long first, long last) {
    TxnRequest chain = link(last).txn();
    for (long revision = last - 1; revision >= first; revision--) {
      chain =
          link(revision).txn().toBuilder()
              .addFailure(RequestOp.newBuilder().setRequestTxn(chain))
              .build();
    }
    return chain;
  }
}
