package io.lodestone.inspect;

import java.io.IOException;
import java.util.List;

/** One way of looking at a cluster. Changes nothing. */
public interface Inspection {
  /** One word, for example {@code health}. */
  String name();

  /**
   * What was seen, at least one line. What could not be looked at is a line too; only a cluster
   * that does not answer at all fails.
   */
  List<Observation> look() throws IOException, InterruptedException;
}
