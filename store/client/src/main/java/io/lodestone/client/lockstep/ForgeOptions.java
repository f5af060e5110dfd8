package io.lodestone.client.lockstep;

import io.lodestone.revisions.StreamItem.Reason;
import java.util.Set;

/**
 * How a sink deals with a base. Immutable.
 *
 * @param bases those that are forged; others are refused
 */
public record ForgeOptions(BaseShelf shelf, Set<Reason> bases, ForgeListener listener) {
  public ForgeOptions {
    bases = Set.copyOf(bases);
  }
}
