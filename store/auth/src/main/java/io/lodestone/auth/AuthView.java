package io.lodestone.auth;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.KeyRange;
import io.lodestone.api.StoreException;
import io.lodestone.api.authpb.Permission;
import io.lodestone.api.authpb.User;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Users, roles and permissions as they were at one auth revision, and what they permit. Immutable
 * and thread-safe; checks throw {@link StoreException}. While auth is off everything is permitted.
 */
public final class AuthView {
  static final String ROOT = "root";

  private final boolean enabled;
  private final long revision;
  private final Accounts accounts;
  private final Map<String, UserRanges> ranges = new ConcurrentHashMap<>();

  /** Takes {@code accounts} over: nobody may change them afterwards. */
  AuthView(boolean enabled, long revision, Accounts accounts) {
    this.enabled = enabled;
    this.revision = revision;
    this.accounts = accounts;
  }

  public boolean enabled() {
    return enabled;
  }

  public long revision() {
    return revision;
  }

  public Optional<User> user(String name) {
    return accounts.user(name);
  }

  public boolean hasRole(String user, String role) {
    return accounts.user(user).filter(known -> known.getRolesList().contains(role)).isPresent();
  }

  /** May read every key of {@code range}: for ranges, watches and compares. */
  public void checkRange(Identity who, KeyRange range) {
    check(who, Permission.Type.READ, range);
  }

  /** May write {@code key}. */
  public void checkPut(Identity who, ByteString key) {
    if (enabled) {
      check(who, Permission.Type.WRITE, KeyRange.single(key));
    }
  }

  /** May write every key of {@code range}. */
  public void checkDelete(Identity who, KeyRange range) {
    check(who, Permission.Type.WRITE, range);
  }

  private void check(Identity who, Permission.Type access, KeyRange range) {
    if (!enabled) {
      return;
    }
    if (who.authRevision() == 0) {
      throw new StoreException(ErrorCode.USER_EMPTY);
    }
    if (Long.compareUnsigned(who.authRevision(), revision) < 0) {
      throw new StoreException(ErrorCode.OLD_AUTH_REVISION);
    }
    User user = accounts.user(who.user()).orElseThrow(AuthView::denied);
    if (!user.getRolesList().contains(ROOT) && !rangesOf(user, who.user()).permits(access, range)) {
      throw denied();
    }
  }

  private UserRanges rangesOf(User user, String name) {
    UserRanges known = ranges.get(name);
    return known != null
        ? known
        : ranges.computeIfAbsent(name, missing -> UserRanges.of(user, accounts));
  }

  /** Whether {@link #checkAdmin} would pass. */
  public boolean isAdmin(Identity who) {
    return !enabled || (!who.user().isEmpty() && hasRole(who.user(), ROOT));
  }

  /** Has the root role; the auth revision of the login does not matter. */
  public void checkAdmin(Identity who) {
    if (!enabled) {
      return;
    }
    if (who.user().isEmpty()) {
      throw new StoreException(ErrorCode.USER_EMPTY);
    }
    if (accounts.user(who.user()).isEmpty()) {
      throw new StoreException(ErrorCode.USER_NOT_FOUND);
    }
    if (!hasRole(who.user(), ROOT)) {
      throw denied();
    }
  }

  /** Has logged in at all, whoever it is: what lease calls ask for. */
  public void checkLogin(Identity who) {
    if (enabled && who.user().isEmpty()) {
      throw new StoreException(ErrorCode.USER_EMPTY);
    }
  }

  /** Whoever the server itself acts as, for example when a lease has expired. */
  public Identity root() {
    return enabled ? new Identity(ROOT, revision) : Identity.NOBODY;
  }

  private static StoreException denied() {
    return new StoreException(ErrorCode.PERMISSION_DENIED);
  }
}
