package io.lodestone.migrate.compare;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.lockstep.PatientCalls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Compares what clients read, byte for byte: values, with revisions, version and lease of each key,
 * of all keys at one revision or of a sample. Does not rest on anybody's hash. Confined to one
 * thread.
 */
public final class ValueComparison {
  private static final int MOST_KEYS = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Comparator<ByteString> ORDER =
      ByteString.unsignedLexicographicalComparator();

  private final EtcdConnection source;
  private final EtcdConnection destination;
  private final PatientCalls calls = new PatientCalls(PATIENCE);
  private final List<ByteString> differing = new ArrayList<>();
  private long compared;

  /** Both sides stay the caller's to close. */
  public ValueComparison(EtcdConnection source, EtcdConnection destination) {
    this.source = source;
    this.destination = destination;
  }

  /**
   * What was found. Immutable.
   *
   * @param compared keys
   * @param differing the first of them that differ, or that one side lacks; at most 20
   */
  public record Result(long compared, List<ByteString> differing) {
    public Result {
      differing = List.copyOf(differing);
    }
  }

  /** Reads all keys of both sides, page by page. */
  public Result all(long revision) throws InterruptedException {
    Pages here = Pages.at(revision, source, calls, KeyRange.all());
    Pages there = Pages.at(revision, destination, calls, KeyRange.all());
    Optional<KeyValue> theirs = here.next();
    Optional<KeyValue> ours = there.next();
    while (theirs.isPresent() || ours.isPresent()) {
      int order = order(theirs, ours);
      compare(order <= 0 ? theirs : Optional.empty(), order >= 0 ? ours : Optional.empty());
      theirs = order <= 0 ? here.next() : theirs;
      ours = order >= 0 ? there.next() : ours;
    }
    return new Result(compared, differing);
  }

  private static int order(Optional<KeyValue> left, Optional<KeyValue> right) {
    if (left.isEmpty() || right.isEmpty()) {
      return left.isEmpty() ? 1 : -1;
    }
    return ORDER.compare(left.get().getKey(), right.get().getKey());
  }

  /**
   * Reads all keys of the source, and about {@code size} of them, each as likely as the other, at
   * the destination.
   */
  public Result sample(long revision, long size, Random random) throws InterruptedException {
    double share = (double) size / Math.max(1, count(revision));
    Pages here = Pages.at(revision, source, calls, KeyRange.all());
    for (Optional<KeyValue> theirs = here.next(); theirs.isPresent(); theirs = here.next()) {
      if (random.nextDouble() < share) {
        compare(theirs, get(theirs.get().getKey(), revision));
      }
    }
    return new Result(compared, differing);
  }

  private long count(long revision) throws InterruptedException {
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(KeyRange.all().start())
            .setRangeEnd(KeyRange.all().end())
            .setRevision(revision)
            .setCountOnly(true)
            .build();
    return calls.insist(() -> source.read(KVGrpc.getRangeMethod(), request)).getCount();
  }

  private Optional<KeyValue> get(ByteString key, long revision) throws InterruptedException {
    RangeRequest request = RangeRequest.newBuilder().setKey(key).setRevision(revision).build();
    return calls
        .insist(() -> destination.read(KVGrpc.getRangeMethod(), request))
        .getKvsList()
        .stream()
        .findFirst();
  }

  private void compare(Optional<KeyValue> theirs, Optional<KeyValue> ours) {
    compared++;
    if (!theirs.equals(ours) && differing.size() < MOST_KEYS) {
      differing.add(theirs.or(() -> ours).orElseThrow().getKey());
    }
  }
}
