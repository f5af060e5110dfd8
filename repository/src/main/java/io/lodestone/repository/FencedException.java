package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.format.Holder;

/**
 * Another writer has taken over: this one can write no more. Everything it had committed is in the
 * repository; what it had not is the new holder's to capture.
 */
public final class FencedException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  private final transient Holder holder;

  FencedException(Lineage lineage, long seq, Holder holder) {
    super(
        "lineage " + lineage + " was taken over by " + holder + " with entry " + seq,
        "stop this agent, or that one; two agents must not back up one cluster into one repository");
    this.holder = holder;
  }

  public Holder holder() {
    return holder;
  }
}
