package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;

/** The migration was asked to stop; it can be continued. */
final class StoppedException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  StoppedException() {
    super("the migration was stopped", "continue it: lodestone migrate run");
  }
}
