package io.lodestone.client.lockstep;

import io.lodestone.api.LeaseId;
import java.util.OptionalLong;

/** Tells what a lease of the source was granted. */
@FunctionalInterface
public interface GrantedTtls {

  /** In seconds; empty where the source does not have the lease any more. */
  OptionalLong seconds(LeaseId lease);
}
