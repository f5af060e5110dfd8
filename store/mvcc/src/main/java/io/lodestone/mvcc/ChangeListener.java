package io.lodestone.mvcc;

import io.lodestone.mvcc.log.Change;
import java.util.List;

/** Learns what became visible. Called on the apply thread, which must not be kept waiting. */
@FunctionalInterface
public interface ChangeListener {
  /**
   * The changes of one or more whole revisions, in order of revision; {@code head} is the revision
   * that is now visible. Called before the proposers get their answers, with no gap and no
   * repetition between calls.
   */
  void changed(long head, List<Change> changes);
}
