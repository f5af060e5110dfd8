package io.lodestone.auth;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.authpb.User;
import io.lodestone.api.etcdserverpb.AuthDisableResponse;
import io.lodestone.api.etcdserverpb.AuthEnableResponse;
import io.lodestone.api.etcdserverpb.AuthStatusResponse;
import io.lodestone.api.etcdserverpb.AuthenticateResponse;
import io.lodestone.api.etcdserverpb.InternalAuthenticateRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.revisions.StreamItem.AuthState;
import io.lodestone.revisions.StreamItem.RoleState;
import io.lodestone.revisions.StreamItem.SideState;
import io.lodestone.revisions.StreamItem.UserState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Users, roles, and whether they count: the part of the state machine that the auth requests of the
 * log drive. Confined to the apply thread, except for {@link #view}, which any thread may call.
 *
 * <p>An entry is first {@linkplain #check checked}, then, where it {@linkplain #isAuthRequest is
 * about auth}, {@linkplain #apply applied}. Both fail with the {@link StoreException} that etcd
 * 3.5.30 would answer, and then nothing has changed.
 */
public final class AuthStore {
  private final Ledger ledger = new Ledger();
  private final Supplier<AuthRules> rules;
  private final UserChanges users;
  private final RoleChanges roles;
  private Tokens tokens = new NoTokens();
  private volatile AuthView view = ledger.view();

  /** One that follows etcd 3.5. */
  public AuthStore(int bcryptCost) {
    this(bcryptCost, () -> AuthRules.ETCD_3_5);
  }

  /**
   * @param bcryptCost of passwords that the log carries in the clear, 4 to 31
   * @param rules asked at each request: a log may go through an upgrade
   */
  public AuthStore(int bcryptCost, Supplier<AuthRules> rules) {
    this.rules = rules;
    this.users = new UserChanges(ledger, new LoggedPasswords(new Bcrypt(bcryptCost), rules));
    this.roles = new RoleChanges(ledger, rules);
  }

  /** Who makes tokens here. Must be called before the first apply, and after loading. */
  public void useTokens(Tokens provider) {
    tokens = provider;
    tellTokens();
  }

  private void tellTokens() {
    if (ledger.enabled()) {
      tokens.enable();
    } else {
      tokens.disable();
    }
  }

  /** Is empty, to be loaded anew; until {@link #loaded} the view stays what it was. */
  public void forget() {
    ledger.clear();
  }

  /** Takes what a base says; other side state is passed over. Visible after {@link #loaded}. */
  public void load(SideState state) {
    if (state instanceof AuthState auth) {
      ledger.load(auth.enabled(), auth.authRevision());
    } else if (state instanceof UserState user) {
      ledger.accounts().put(user.user());
    } else if (state instanceof RoleState role) {
      ledger.accounts().put(role.role());
    }
  }

  /**
   * Takes a stored row; fails with CorruptDataException where it is none. Visible after {@link
   * #loaded}.
   */
  public void load(AuthRows.Bucket bucket, ByteString key, ByteString value) {
    ledger.load(bucket, key, value);
  }

  /** Nothing more will be loaded. */
  public void loaded() {
    view = ledger.view();
  }

  /**
   * Nothing more will be loaded; a store that never had an auth revision begins with 1, as a member
   * of etcd does at its first boot, and writes that.
   */
  public void loaded(AuthRows rows) {
    if (ledger.revision() == 0) {
      ledger.writeTo(rows);
      ledger.commit();
    }
    loaded();
    tellTokens();
  }

  /** Nothing more will be loaded, and everybody has to log in again. */
  public void replaced() {
    loaded();
    tokens.disable();
    tellTokens();
  }

  /** Everything, as a base says it. */
  public List<SideState> sideState() {
    List<SideState> all = new ArrayList<>();
    if (ledger.recorded()) {
      all.add(new AuthState(ledger.enabled(), ledger.revision()));
    }
    ledger.users().stream().map(UserState::new).forEach(all::add);
    ledger.accounts().roles().values().stream().map(RoleState::new).forEach(all::add);
    return all;
  }

  /** The state behind the last applied request. Thread-safe, never blocks. */
  public AuthView view() {
    return view;
  }

  /**
   * Whether whoever proposed the request, by its header, may have it applied: root's requests about
   * auth, and permissions on keys.
   */
  public void check(InternalRaftRequest request, LeaseKeys leaseKeys) {
    AuthView now = view;
    if (!now.enabled()) {
      return;
    }
    Identity who = Identity.of(request.getHeader());
    if (AuthRequests.needsRoot(request)) {
      now.checkAdmin(who);
    } else {
      new Permissions(now, who, leaseKeys, rules.get()).check(request);
    }
  }

  /** Whether {@link #apply} is for the request. */
  public static boolean isAuthRequest(InternalRaftRequest request) {
    return AuthRequests.needsRoot(request)
        || request.hasAuthenticate()
        || request.hasAuthUserGet()
        || request.hasAuthRoleGet();
  }

  /**
   * Applies a request that has passed {@link #check} and writes the changed rows. The response has
   * no header.
   *
   * @param index of the request's log entry, part of a simple token
   */
  public Message apply(long index, InternalRaftRequest request, AuthRows rows) {
    ledger.writeTo(rows);
    long before = ledger.revision();
    boolean was = ledger.enabled();
    Message response = route(index, request);
    if (ledger.revision() != before || ledger.enabled() != was) {
      view = ledger.view();
    }
    return response;
  }

  private Message route(long index, InternalRaftRequest request) {
    if (request.hasAuthenticate()) {
      return authenticate(index, request.getAuthenticate());
    }
    if (request.hasAuthEnable()) {
      return enable();
    }
    if (request.hasAuthDisable()) {
      return disable();
    }
    if (request.hasAuthStatus()) {
      return AuthStatusResponse.newBuilder()
          .setEnabled(ledger.enabled())
          .setAuthRevision(ledger.revision())
          .build();
    }
    return AuthRequests.isAboutUsers(request) ? routeUser(request) : routeRole(request);
  }

  private Message routeUser(InternalRaftRequest request) {
    if (request.hasAuthUserAdd()) {
      return users.add(request.getAuthUserAdd());
    }
    if (request.hasAuthUserDelete()) {
      Message response = users.delete(request.getAuthUserDelete().getName());
      tokens.invalidate(request.getAuthUserDelete().getName());
      return response;
    }
    if (request.hasAuthUserChangePassword()) {
      Message response = users.changePassword(request.getAuthUserChangePassword());
      tokens.invalidate(request.getAuthUserChangePassword().getName());
      return response;
    }
    if (request.hasAuthUserGrantRole()) {
      return users.grantRole(request.getAuthUserGrantRole());
    }
    if (request.hasAuthUserRevokeRole()) {
      return users.revokeRole(request.getAuthUserRevokeRole());
    }
    return request.hasAuthUserGet() ? getUser(request) : users.list();
  }

  private Message routeRole(InternalRaftRequest request) {
    if (request.hasAuthRoleAdd()) {
      return roles.add(request.getAuthRoleAdd().getName());
    }
    if (request.hasAuthRoleDelete()) {
      return roles.delete(request.getAuthRoleDelete().getRole());
    }
    if (request.hasAuthRoleGrantPermission()) {
      return roles.grant(request.getAuthRoleGrantPermission());
    }
    if (request.hasAuthRoleRevokePermission()) {
      return roles.revoke(request.getAuthRoleRevokePermission());
    }
    if (request.hasAuthRoleGet()) {
      return getRole(request);
    }
    if (request.hasAuthRoleList()) {
      return roles.list();
    }
    throw new IllegalArgumentException(
        "not a request about auth: " + request.getAllFields().keySet());
  }

  /** Everybody may look at themselves. */
  private Message getUser(InternalRaftRequest request) {
    Identity who = Identity.of(request.getHeader());
    if (!request.getAuthUserGet().getName().equals(who.user())) {
      view.checkAdmin(who);
    }
    return users.get(request.getAuthUserGet().getName());
  }

  /** Everybody may look at the roles they have. */
  private Message getRole(InternalRaftRequest request) {
    Identity who = Identity.of(request.getHeader());
    if (!view.hasRole(who.user(), request.getAuthRoleGet().getRole())) {
      view.checkAdmin(who);
    }
    return roles.get(request.getAuthRoleGet().getRole());
  }

  /** The password has been checked before the proposal. */
  private Message authenticate(long index, InternalAuthenticateRequest request) {
    if (!ledger.enabled()) {
      throw new StoreException(ErrorCode.AUTH_NOT_ENABLED);
    }
    User user =
        ledger
            .accounts()
            .user(request.getName())
            .orElseThrow(() -> new StoreException(ErrorCode.AUTHENTICATION_FAILED));
    if (user.getOptions().getNoPassword()) {
      throw new StoreException(ErrorCode.AUTHENTICATION_FAILED);
    }
    return AuthenticateResponse.newBuilder()
        .setToken(tokens.assign(request.getName(), request.getSimpleToken(), index))
        .build();
  }

  private Message enable() {
    if (!ledger.enabled()) {
      User root =
          ledger
              .accounts()
              .user(AuthView.ROOT)
              .orElseThrow(() -> new StoreException(ErrorCode.ROOT_USER_NOT_FOUND));
      if (!root.getRolesList().contains(AuthView.ROOT)) {
        throw new StoreException(ErrorCode.ROOT_ROLE_MISSING);
      }
      ledger.enable(true);
      tokens.enable();
    }
    return AuthEnableResponse.getDefaultInstance();
  }

  private Message disable() {
    if (ledger.enabled()) {
      ledger.enable(false);
      ledger.commit();
      tokens.disable();
    }
    return AuthDisableResponse.getDefaultInstance();
  }
}
