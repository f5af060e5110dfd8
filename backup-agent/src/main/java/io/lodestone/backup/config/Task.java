package io.lodestone.backup.config;

import java.util.Locale;

/** What an agent does by schedule, beside following its clusters. */
public enum Task {
  /** A new base, taken from the source. */
  BASE,
  /** A new base, made out of the one before and the log, without asking the source. */
  SYNTHESIZE,
  /** Merging the log's entries as they age. */
  COMPACT,
  /** Deleting what need not be kept. */
  EXPIRE,
  /** Reading every object of the cluster's history again. */
  VERIFY,
  /** Restoring the newest point for the sake of proof, and comparing it with the source. */
  DRILL,
  /** Bringing the second repository up to date. */
  COPY,
  /** Giving the space of deleted rows back, in the source, member by member. */
  DEFRAGMENT;

  /** The name in settings, logs and metrics: {@code base}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
