package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.format.Holder;
import java.time.Duration;

/** Another agent writes this lineage, and has been heard of lately. Nothing was changed. */
public final class RepositoryHeldException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  private final transient Holder holder;

  RepositoryHeldException(Lineage lineage, Holder holder, Duration age, Duration silence) {
    super(
        "lineage "
            + lineage
            + " is held by "
            + holder
            + ", last heard of "
            + age.toSeconds()
            + " s ago",
        "stop that agent, or wait "
            + silence.toSeconds()
            + " s after its last sign of life; force the takeover only if it is surely dead");
    this.holder = holder;
  }

  public Holder holder() {
    return holder;
  }
}
