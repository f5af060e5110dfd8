package io.lodestone.cli;

import java.time.Instant;

/**
 * What a restore from a repository does without.
 *
 * @param revision that is restored
 * @param newest the last one that the repository knows
 * @param newestAt until when nothing came behind that, by the agent's clock
 */
record LossWindow(long revision, long newest, Instant newestAt) {

  long leftOutRevisions() {
    return newest - revision;
  }

  /** One sentence for a person. */
  String describe() {
    String behind =
        leftOutRevisions() == 0
            ? ", the newest that was captured, complete until " + newestAt
            : "; "
                + leftOutRevisions()
                + " later ones, up to "
                + newest
                + " and "
                + newestAt
                + ", are left out";
    return "restoring revision " + revision + behind + "; what changed after that time is lost";
  }
}
