package io.lodestone.auth;

import com.google.protobuf.ByteString;

/** Which keys are attached to a lease: whoever uses a lease must be allowed to write them all. */
@FunctionalInterface
public interface LeaseKeys {
  /** Empty for an unknown lease. Never asked for 0, which is no lease. */
  Iterable<ByteString> ofLease(long lease);
}
