package io.lodestone.client.lockstep;

import io.lodestone.api.LodestoneException;

/** No history of the destination can end in the source's state. Nothing was written for it. */
public final class ImpossibleForgeException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  ImpossibleForgeException(String why) {
    super(
        "the destination cannot be brought to the source's state through its API: " + why,
        "let the migration write the destination's data: --to-data-dir or --to-store-dir with an"
            + " empty directory");
  }
}
