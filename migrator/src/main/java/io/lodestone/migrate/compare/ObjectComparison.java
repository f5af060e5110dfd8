package io.lodestone.migrate.compare;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.lockstep.PatientCalls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Compares how many objects there are of each type and namespace, and the newest resourceVersion
 * among them, which is the revision of its last change. Reads all keys of both sides, page by page;
 * memory grows with the number of types and namespaces. Confined to one thread.
 */
public final class ObjectComparison {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final EtcdConnection source;
  private final EtcdConnection destination;
  private final Function<ByteString, Optional<String>> typeAndNamespace;
  private final PatientCalls calls = new PatientCalls(PATIENCE);

  /**
   * @param typeAndNamespace of a value; empty where it is no object
   */
  public ObjectComparison(
      EtcdConnection source,
      EtcdConnection destination,
      Function<ByteString, Optional<String>> typeAndNamespace) {
    this.source = source;
    this.destination = destination;
    this.typeAndNamespace = typeAndNamespace;
  }

  /**
   * Objects of one type and namespace at one side.
   *
   * @param newest resourceVersion, 0 for none
   */
  public record Tally(long count, long newest) {
    private static final Tally NONE = new Tally(0, 0);

    private Tally with(KeyValue object) {
      return new Tally(count + 1, Math.max(newest, object.getModRevision()));
    }
  }

  /** One type and namespace at both sides. */
  public record Line(String typeAndNamespace, Tally source, Tally destination) {
    public boolean equal() {
      return source.equals(destination);
    }
  }

  /** By type and namespace; what is no object is left out. */
  public List<Line> at(long revision) throws InterruptedException {
    Map<String, Tally> theirs = tally(source, revision);
    Map<String, Tally> ours = tally(destination, revision);
    Set<String> all = new TreeSet<>(theirs.keySet());
    all.addAll(ours.keySet());
    List<Line> lines = new ArrayList<>();
    for (String one : all) {
      lines.add(
          new Line(one, theirs.getOrDefault(one, Tally.NONE), ours.getOrDefault(one, Tally.NONE)));
    }
    return lines;
  }

  private Map<String, Tally> tally(EtcdConnection side, long revision) throws InterruptedException {
    Map<String, Tally> tallies = new TreeMap<>();
    Pages pages = Pages.at(revision, side, calls, KeyRange.all());
    for (Optional<KeyValue> next = pages.next(); next.isPresent(); next = pages.next()) {
      KeyValue object = next.get();
      typeAndNamespace
          .apply(object.getValue())
          .ifPresent(
              name -> tallies.merge(name, Tally.NONE.with(object), (all, one) -> all.with(object)));
    }
    return tallies;
  }
}
