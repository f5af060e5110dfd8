package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;

/** The migration was asked to give up, and has. */
final class AbortedException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  AbortedException() {
    super(
        "the migration was given up, as was asked for; the source takes writes",
        "stop the destination and remove its data; another attempt needs another --dir");
  }
}
