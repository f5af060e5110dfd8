package io.lodestone.inspect;

import io.lodestone.api.KeyRange;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.inspect.Tally.Line;
import io.lodestone.repository.Contents;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the newest state of a backup consists of: keys and bytes by prefix (what stands before a
 * key's last slash), and where Kubernetes keeps its objects there, by type and namespace.
 */
public final class Keys implements Inspection {
  private static final int SHOWN = 10;
  private static final double MOST = 0.5;
  private static final long MANY_BYTES = 256 << 20;

  private final Contents contents;

  /**
   * @param contents looked through once, up to the newest revision
   */
  public Keys(Contents contents) {
    this.contents = contents;
  }

  @Override
  public String name() {
    return "keys";
  }

  @Override
  public List<Observation> look() throws IOException {
    Tally all = new Tally();
    Tally prefixes = new Tally();
    Tally objects = new Tally();
    contents.rows(
        KeyRange.all(),
        contents.newestRevision(),
        row -> {
          KeyValue keyValue = row.keyValue();
          long bytes = keyValue.getKey().size() + (long) keyValue.getValue().size();
          all.add("", bytes);
          prefixes.add(Tally.prefix(keyValue.getKey().toStringUtf8()), bytes);
          KubernetesObject.typeAndNamespace(keyValue.getValue())
              .ifPresent(type -> objects.add(type, bytes));
        });
    List<Observation> seen = new ArrayList<>();
    Line total = all.isEmpty() ? new Line("", 0, 0) : all.top(1, Line::count).get(0);
    seen.add(Observation.fine("cluster", told(total)));
    prefixes.top(SHOWN, Line::bytes).forEach(line -> seen.add(prefix(line, total)));
    objects
        .top(SHOWN, Line::bytes)
        .forEach(line -> seen.add(Observation.fine("objects " + line.name(), told(line))));
    return seen;
  }

  private static Observation prefix(Line line, Line total) {
    String subject = "prefix " + (line.name().isEmpty() ? "without a slash" : line.name());
    boolean much = total.bytes() > MANY_BYTES && line.bytes() > MOST * total.bytes();
    return much
        ? Observation.warning(
            subject,
            told(line) + ": more than half of all",
            "what is kept there, and who deletes it? etcd is for a few gigabytes at most")
        : Observation.fine(subject, told(line));
  }

  private static String told(Line line) {
    return line.count() + " keys, " + line.bytes() + " bytes";
  }
}
