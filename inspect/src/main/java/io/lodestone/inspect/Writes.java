package io.lodestone.inspect;

import io.lodestone.repository.RepositorySource;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which keys and prefixes are written most, by the newest revisions of a backup. A prefix is what
 * stands before a key's last slash. Counts at most {@link #MOST_NAMES} names of each kind; rarer
 * ones that come later are then counted together.
 */
public final class Writes implements Inspection {
  private static final int MOST_NAMES = 50_000;
  private static final int SHOWN = 5;
  private static final double HOT = 0.5;
  private static final long TOO_FEW = 1000;

  private final RepositorySource history;
  private final long newest;
  private final long revisions;

  /**
   * @param newest the newest revision that {@code history} has
   * @param revisions how many up to there to look at
   */
  public Writes(RepositorySource history, long newest, long revisions) {
    this.history = history;
    this.newest = newest;
    this.revisions = revisions;
  }

  @Override
  public String name() {
    return "requests";
  }

  /** Writes of one name. */
  private static final class Count {
    private long writes;
    private long bytes;
  }

  @Override
  public List<Observation> look() throws IOException, InterruptedException {
    Map<String, Count> keys = new HashMap<>();
    Map<String, Count> prefixes = new HashMap<>();
    long writes = 0;
    try (RevisionStream stream = history.openAfter(Math.max(1, newest - revisions))) {
      boolean inBase = false;
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        inBase |= item instanceof BaseStart;
        if (item instanceof RevisionRecord row && !inBase) {
          writes++;
          String key = row.key().toStringUtf8();
          count(keys, key, row);
          count(prefixes, key.substring(0, key.lastIndexOf('/') + 1), row);
        }
        inBase &= !(item instanceof Complete);
      }
    }
    List<Observation> seen = new ArrayList<>();
    seen.add(
        Observation.fine("cluster", writes + " writes in the last " + revisions + " revisions"));
    seen.addAll(top("key", keys, writes));
    seen.addAll(top("prefix", prefixes, writes));
    return seen;
  }

  private static void count(Map<String, Count> counts, String name, RevisionRecord row) {
    String counted = counts.containsKey(name) || counts.size() < MOST_NAMES ? name : "others";
    Count count = counts.computeIfAbsent(counted, any -> new Count());
    count.writes++;
    count.bytes += row.value().size();
  }

  private static List<Observation> top(String kind, Map<String, Count> counts, long writes) {
    return counts.entrySet().stream()
        .sorted(Comparator.comparing((Map.Entry<String, Count> e) -> -e.getValue().writes))
        .limit(SHOWN)
        .map(e -> told(kind, e.getKey(), e.getValue(), writes))
        .toList();
  }

  private static Observation told(String kind, String name, Count count, long writes) {
    String subject = kind + " " + (name.isEmpty() ? "without a slash" : name);
    String seen = count.writes + " writes, " + count.bytes + " bytes";
    boolean hot = kind.equals("key") && writes >= TOO_FEW && count.writes > HOT * writes;
    return hot
        ? Observation.warning(
            subject,
            seen + ": more than half of all",
            "who writes it so often? each write is a revision that all members keep until compaction")
        : Observation.fine(subject, seen);
  }
}
