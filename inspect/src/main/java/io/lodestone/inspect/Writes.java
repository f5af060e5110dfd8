package io.lodestone.inspect;

import io.lodestone.inspect.Tally.Line;
import io.lodestone.repository.RepositorySource;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Which keys and prefixes are written most, by the newest revisions of a backup. A prefix is what
 * stands before a key's last slash.
 */
public final class Writes implements Inspection {
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

  @Override
  public List<Observation> look() throws IOException, InterruptedException {
    Tally keys = new Tally();
    Tally prefixes = new Tally();
    long writes = 0;
    try (RevisionStream stream = history.openAfter(Math.max(1, newest - revisions))) {
      boolean inBase = false;
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        inBase |= item instanceof BaseStart;
        if (item instanceof RevisionRecord row && !inBase) {
          writes++;
          String key = row.key().toStringUtf8();
          keys.add(key, row.value().size());
          prefixes.add(Tally.prefix(key), row.value().size());
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

  private static List<Observation> top(String kind, Tally tally, long writes) {
    return tally.top(SHOWN, Line::count).stream().map(line -> told(kind, line, writes)).toList();
  }

  private static Observation told(String kind, Line line, long writes) {
    String subject = kind + " " + (line.name().isEmpty() ? "without a slash" : line.name());
    String seen = line.count() + " writes, " + line.bytes() + " bytes";
    boolean hot = kind.equals("key") && writes >= TOO_FEW && line.count() > HOT * writes;
    return hot
        ? Observation.warning(
            subject,
            seen + ": more than half of all",
            "who writes it so often? each write is a revision that all members keep until compaction")
        : Observation.fine(subject, seen);
  }
}
