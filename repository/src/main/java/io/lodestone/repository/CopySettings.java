package io.lodestone.repository;

import io.lodestone.repository.format.Holder;
import java.util.function.LongConsumer;

/**
 * How a repository is copied. Immutable.
 *
 * @param holder who this is, for agents that would write into the copy meanwhile
 * @param parallel objects under way at a time, 1 to 32; each may take 8 MiB of memory, seldom more
 * @param writer how contents are written where one cannot be copied as it is
 * @param progress told after each object how many bytes were stored so far; must not block long
 */
public record CopySettings(
    Holder holder, int parallel, WriterSettings writer, LongConsumer progress) {
  /** The most objects that may be under way at a time. */
  public static final int MAX_PARALLEL = 32;

  public CopySettings {
    if (parallel < 1 || parallel > MAX_PARALLEL) {
      throw new IllegalArgumentException(parallel + " objects at a time");
    }
  }
}
