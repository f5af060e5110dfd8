package io.lodestone.auth;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.authpb.Role;
import io.lodestone.api.authpb.User;
import io.lodestone.auth.AuthRows.Bucket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The state that requests change, each change beside its row. Confined to the apply thread. */
final class Ledger {
  static final ByteString ENABLED_KEY = ByteString.copyFromUtf8("authEnabled");
  static final ByteString REVISION_KEY = ByteString.copyFromUtf8("authRevision");

  private static final ByteString ON = ByteString.copyFrom(new byte[] {1});
  private static final ByteString OFF = ByteString.copyFrom(new byte[] {0});

  private final Accounts accounts = new Accounts();
  private boolean recorded;
  private boolean enabled;
  private long revision;
  private AuthRows rows = AuthRows.NONE;

  /** Where the next changes are written. */
  void writeTo(AuthRows target) {
    rows = target;
  }

  void clear() {
    accounts.clear();
    recorded = false;
    enabled = false;
    revision = 0;
  }

  void load(boolean on, long authRevision) {
    recorded = true;
    enabled = on;
    revision = authRevision;
  }

  void load(Bucket bucket, ByteString key, ByteString value) {
    AuthRow row = new AuthRow(bucket, key, value);
    switch (bucket) {
      case USERS -> accounts.put(row.user());
      case ROLES -> accounts.put(row.role());
      case AUTH -> {
        if (key.equals(ENABLED_KEY)) {
          load(value.equals(ON), revision);
        } else if (key.equals(REVISION_KEY)) {
          load(enabled, row.revision());
        }
      }
    }
  }

  /** The accounts as loaded; changes go through the methods below. */
  Accounts accounts() {
    return accounts;
  }

  boolean recorded() {
    return recorded;
  }

  boolean enabled() {
    return enabled;
  }

  long revision() {
    return revision;
  }

  AuthView view() {
    return new AuthView(enabled, revision, accounts.copy());
  }

  User user(String name) {
    return accounts.user(name).orElseThrow(() -> new StoreException(ErrorCode.USER_NOT_FOUND));
  }

  Role role(String name) {
    return accounts.role(name).orElseThrow(() -> new StoreException(ErrorCode.ROLE_NOT_FOUND));
  }

  List<User> users() {
    return new ArrayList<>(accounts.users().values());
  }

  void put(User user) {
    accounts.put(user);
    rows.put(Bucket.USERS, user.getName(), user.toByteString());
  }

  void remove(User user) {
    accounts.removeUser(user.getName());
    rows.delete(Bucket.USERS, user.getName());
  }

  void put(Role role) {
    accounts.put(role);
    rows.put(Bucket.ROLES, role.getName(), role.toByteString());
  }

  void remove(Role role) {
    accounts.removeRole(role.getName());
    rows.delete(Bucket.ROLES, role.getName());
  }

  void enable(boolean on) {
    recorded = true;
    enabled = on;
    rows.put(Bucket.AUTH, ENABLED_KEY, on ? ON : OFF);
  }

  /** A change is complete: the auth revision moves by one. */
  void commit() {
    recorded = true;
    revision++;
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).putLong(revision).flip();
    rows.put(Bucket.AUTH, REVISION_KEY, ByteString.copyFrom(bytes));
  }
}
