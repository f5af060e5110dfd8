package io.lodestone.server.call;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.KeyRange;
import io.lodestone.api.LeaseId;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.auth.AuthView;
import io.lodestone.auth.Identity;
import io.lodestone.auth.LeaseKeys;
import io.lodestone.auth.Logins;
import io.lodestone.auth.Permissions;
import java.util.function.Supplier;

/**
 * Who the current call's caller is and what that user may do. Every check fails with a {@link
 * StoreException} of etcd's words; while authentication is off, everybody may do everything.
 * Thread-safe; never blocks.
 */
public final class Access {
  private final Supplier<AuthView> auth;
  private final Logins logins;
  private final LeaseKeys leaseKeys;

  public Access(Supplier<AuthView> auth, Logins logins, LeaseKeys leaseKeys) {
    this.auth = auth;
    this.logins = logins;
    this.leaseKeys = leaseKeys;
  }

  /**
   * The user of the current call: nobody where authentication is off or the call names none. Fails
   * with INVALID_AUTH_TOKEN for a token that is not valid.
   */
  public Identity user() {
    return user(Caller.current());
  }

  /** The same of another call, or of this one, on another thread. */
  public Identity user(Caller caller) {
    AuthView now = auth.get();
    if (!now.enabled()) {
      return Identity.NOBODY;
    }
    if (caller.token().isPresent()) {
      return logins.identify(caller.token());
    }
    return caller
        .certificateName()
        .map(name -> new Identity(name, now.revision()))
        .orElse(Identity.NOBODY);
  }

  public void checkRange(Identity user, ByteString key, ByteString rangeEnd) {
    AuthView now = auth.get();
    if (now.enabled()) {
      now.checkRange(user, new KeyRange(key, rangeEnd));
    }
  }

  /** For a transaction that cannot write. */
  public void checkTxn(Identity user, TxnRequest txn) {
    permissionsOf(user).check(txn);
  }

  /** Users and roles have not changed since {@code user} was identified. */
  public void checkStillValid(Identity user) {
    if (user.authRevision() != 0 && user.authRevision() != auth.get().revision()) {
      throw new StoreException(ErrorCode.OLD_AUTH_REVISION);
    }
  }

  /** The current call comes from a user with the root role. */
  public void requireAdmin() {
    if (auth.get().enabled()) {
      auth.get().checkAdmin(user());
    }
  }

  /** The current call names some user. */
  public void requireUser() {
    if (auth.get().enabled()) {
      auth.get().checkLogin(user());
    }
  }

  /** The current call may renew {@code lease}: write all its keys. */
  public void checkRenewal(LeaseId lease) {
    AuthView now = auth.get();
    if (now.enabled()) {
      Identity user = user();
      now.checkLogin(user);
      permissionsOf(user).checkLeaseWritable(lease.value());
    }
  }

  /** The current call may see which keys {@code lease} has: read them all. */
  public void checkKeysOf(LeaseId lease) {
    AuthView now = auth.get();
    if (now.enabled()) {
      Identity user = user();
      now.checkLogin(user);
      permissionsOf(user).checkLeaseReadable(lease.value());
    }
  }

  private Permissions permissionsOf(Identity user) {
    return new Permissions(auth.get(), user, leaseKeys);
  }
}
