package io.lodestone.repository;

import io.lodestone.repository.Appender.Facts;

/** Something that the next commit has to do, in order. */
sealed interface Step {

  /** Append an entry. */
  record Append(Draft draft, Draft.Content content, Facts facts) implements Step {}

  /** Append the END of the lineage at hand. */
  record Finish(Facts facts) implements Step {}

  /** Create the lineage that carries on. */
  record Create(Lineage lineage) implements Step {}
}
