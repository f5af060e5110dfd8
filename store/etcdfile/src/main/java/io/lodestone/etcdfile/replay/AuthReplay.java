package io.lodestone.etcdfile.replay;

import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.auth.AuthRows;
import io.lodestone.auth.AuthStore;
import io.lodestone.auth.LeaseKeys;
import java.util.function.Supplier;

/** Lets a log's entries pass by the users and roles. */
final class AuthReplay {
  private static final int BCRYPT_COST = 10;

  private AuthReplay() {}

  /** Still to be loaded. */
  static AuthStore store(Supplier<ApplyRules> rules) {
    return new AuthStore(BCRYPT_COST, () -> rules.get().auth());
  }

  /** False where the member refused the request, which then changed nothing. */
  static boolean apply(AuthStore auth, InternalRaftRequest request, LeaseKeys leases) {
    try {
      auth.check(request, leases);
      if (AuthStore.isAuthRequest(request)) {
        auth.apply(0, request, AuthRows.NONE);
      }
      return true;
    } catch (StoreException refused) {
      // What it was refused for, its proposer has been told.
      return false;
    }
  }
}
