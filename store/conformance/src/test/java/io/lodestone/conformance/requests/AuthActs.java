package io.lodestone.conformance.requests;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.lodestone.api.authpb.Permission;
import io.lodestone.api.authpb.UserAddOptions;
import io.lodestone.api.etcdserverpb.AuthDisableRequest;
import io.lodestone.api.etcdserverpb.AuthEnableRequest;
import io.lodestone.api.etcdserverpb.AuthRoleAddRequest;
import io.lodestone.api.etcdserverpb.AuthRoleDeleteRequest;
import io.lodestone.api.etcdserverpb.AuthRoleGetRequest;
import io.lodestone.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.lodestone.api.etcdserverpb.AuthRoleListRequest;
import io.lodestone.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import io.lodestone.api.etcdserverpb.AuthStatusRequest;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserChangePasswordRequest;
import io.lodestone.api.etcdserverpb.AuthUserDeleteRequest;
import io.lodestone.api.etcdserverpb.AuthUserGetRequest;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.lodestone.api.etcdserverpb.AuthUserListRequest;
import io.lodestone.api.etcdserverpb.AuthUserRevokeRoleRequest;

/** Requests to the Auth service about a few users and roles, some of which do not exist. */
final class AuthActs {
  private static final int PERMISSIONS = 3;

  private final Vocabulary words;
  private final Dice dice;

  AuthActs(Vocabulary words) {
    this.words = words;
    this.dice = words.dice();
  }

  /** A call that changes users, roles or permissions. */
  Call change() {
    return switch (dice.below(9)) {
      case 0 -> new Call("Auth/UserAdd", userAdd());
      case 1 ->
          new Call("Auth/UserDelete", AuthUserDeleteRequest.newBuilder().setName(user()).build());
      case 2 -> new Call("Auth/UserChangePassword", changePassword());
      case 3 -> new Call("Auth/UserGrantRole", grantRole(user(), role()));
      case 4 ->
          new Call(
              "Auth/UserRevokeRole",
              AuthUserRevokeRoleRequest.newBuilder().setName(user()).setRole(role()).build());
      case 5 -> new Call("Auth/RoleAdd", roleAdd(role()));
      case 6 ->
          new Call("Auth/RoleDelete", AuthRoleDeleteRequest.newBuilder().setRole(role()).build());
      case 7 -> new Call("Auth/RoleGrantPermission", grantPermission(role()));
      default -> new Call("Auth/RoleRevokePermission", revokePermission());
    };
  }

  /** A call that asks about them. */
  Call question() {
    return switch (dice.below(5)) {
      case 0 -> new Call("Auth/UserGet", AuthUserGetRequest.newBuilder().setName(user()).build());
      case 1 -> new Call("Auth/UserList", AuthUserListRequest.getDefaultInstance());
      case 2 -> new Call("Auth/RoleGet", AuthRoleGetRequest.newBuilder().setRole(role()).build());
      case 3 -> new Call("Auth/RoleList", AuthRoleListRequest.getDefaultInstance());
      default -> new Call("Auth/AuthStatus", AuthStatusRequest.getDefaultInstance());
    };
  }

  Call enable() {
    return new Call("Auth/AuthEnable", AuthEnableRequest.getDefaultInstance());
  }

  Call disable() {
    return new Call("Auth/AuthDisable", AuthDisableRequest.getDefaultInstance());
  }

  String user() {
    return dice.oneIn(30) ? "" : dice.pick("root", "ann", "bob", "eve", "pat");
  }

  String password() {
    return dice.pick("one", "one", "two", "");
  }

  private String role() {
    return dice.oneIn(30) ? "" : dice.pick("root", "reader", "writer", "both");
  }

  Message userAdd(String name, String password) {
    return AuthUserAddRequest.newBuilder().setName(name).setPassword(password).build();
  }

  Message roleAdd(String name) {
    return AuthRoleAddRequest.newBuilder().setName(name).build();
  }

  Message grantRole(String user, String role) {
    return AuthUserGrantRoleRequest.newBuilder().setUser(user).setRole(role).build();
  }

  private Message userAdd() {
    AuthUserAddRequest.Builder add = AuthUserAddRequest.newBuilder();
    add.setName(user()).setPassword(password());
    if (dice.oneIn(5)) {
      add.setOptions(UserAddOptions.newBuilder().setNoPassword(dice.coin()));
    }
    return add.build();
  }

  private Message changePassword() {
    return AuthUserChangePasswordRequest.newBuilder()
        .setName(user())
        .setPassword(password())
        .build();
  }

  Message grantPermission(String role) {
    AuthRoleGrantPermissionRequest.Builder grant =
        AuthRoleGrantPermissionRequest.newBuilder().setName(role);
    if (dice.oneIn(30)) {
      return grant.build();
    }
    ByteString key = words.key();
    return grant
        .setPerm(
            Permission.newBuilder()
                .setPermTypeValue(dice.enumNumber(PERMISSIONS))
                .setKey(key)
                .setRangeEnd(words.rangeEnd(key)))
        .build();
  }

  private Message revokePermission() {
    ByteString key = words.key();
    return AuthRoleRevokePermissionRequest.newBuilder()
        .setRole(role())
        .setKey(key)
        .setRangeEnd(words.rangeEnd(key))
        .build();
  }
}
