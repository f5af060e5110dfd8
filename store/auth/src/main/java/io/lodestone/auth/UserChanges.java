package io.lodestone.auth;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.authpb.User;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserAddResponse;
import io.lodestone.api.etcdserverpb.AuthUserChangePasswordRequest;
import io.lodestone.api.etcdserverpb.AuthUserChangePasswordResponse;
import io.lodestone.api.etcdserverpb.AuthUserDeleteResponse;
import io.lodestone.api.etcdserverpb.AuthUserGetResponse;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleResponse;
import io.lodestone.api.etcdserverpb.AuthUserListResponse;
import io.lodestone.api.etcdserverpb.AuthUserRevokeRoleRequest;
import io.lodestone.api.etcdserverpb.AuthUserRevokeRoleResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Requests about users; a refusal changes nothing. Confined to the apply thread. */
final class UserChanges {
  private final Ledger ledger;
  private final LoggedPasswords passwords;

  UserChanges(Ledger ledger, LoggedPasswords passwords) {
    this.ledger = ledger;
    this.passwords = passwords;
  }

  Message add(AuthUserAddRequest request) {
    if (request.getName().isEmpty()) {
      throw new StoreException(ErrorCode.USER_EMPTY);
    }
    if (ledger.accounts().user(request.getName()).isPresent()) {
      throw new StoreException(ErrorCode.USER_EXISTS);
    }
    User.Builder user =
        User.newBuilder()
            .setName(ByteString.copyFromUtf8(request.getName()))
            .setOptions(request.getOptions());
    if (!request.getOptions().getNoPassword()) {
      user.setPassword(passwords.stored(request.getPassword(), request.getHashedPassword()));
    }
    ledger.put(user.build());
    ledger.commit();
    return AuthUserAddResponse.getDefaultInstance();
  }

  Message delete(String name) {
    if (ledger.enabled() && name.equals(AuthView.ROOT)) {
      throw new StoreException(ErrorCode.INVALID_AUTH_MANAGEMENT);
    }
    ledger.remove(ledger.user(name));
    ledger.commit();
    return AuthUserDeleteResponse.getDefaultInstance();
  }

  Message changePassword(AuthUserChangePasswordRequest request) {
    User.Builder user = ledger.user(request.getName()).toBuilder().clearPassword();
    if (!user.getOptions().getNoPassword()) {
      user.setPassword(passwords.stored(request.getPassword(), request.getHashedPassword()));
    }
    ledger.put(user.build());
    ledger.commit();
    return AuthUserChangePasswordResponse.getDefaultInstance();
  }

  /** The root role can be granted before it exists; what is granted already changes nothing. */
  Message grantRole(AuthUserGrantRoleRequest request) {
    User user = ledger.user(request.getUser());
    if (!request.getRole().equals(AuthView.ROOT)) {
      ledger.role(request.getRole());
    }
    if (!user.getRolesList().contains(request.getRole())) {
      List<String> roles = new ArrayList<>(user.getRolesList());
      roles.add(request.getRole());
      roles.sort(
          Comparator.comparing(
              ByteString::copyFromUtf8, ByteString.unsignedLexicographicalComparator()));
      ledger.put(user.toBuilder().clearRoles().addAllRoles(roles).build());
      ledger.commit();
    }
    return AuthUserGrantRoleResponse.getDefaultInstance();
  }

  Message revokeRole(AuthUserRevokeRoleRequest request) {
    if (ledger.enabled()
        && request.getName().equals(AuthView.ROOT)
        && request.getRole().equals(AuthView.ROOT)) {
      throw new StoreException(ErrorCode.INVALID_AUTH_MANAGEMENT);
    }
    User user = ledger.user(request.getName());
    if (!user.getRolesList().contains(request.getRole())) {
      throw new StoreException(ErrorCode.ROLE_NOT_GRANTED);
    }
    ledger.put(without(user, request.getRole()));
    ledger.commit();
    return AuthUserRevokeRoleResponse.getDefaultInstance();
  }

  static User without(User user, String role) {
    return user.toBuilder()
        .clearRoles()
        .addAllRoles(user.getRolesList().stream().filter(name -> !name.equals(role)).toList())
        .build();
  }

  Message get(String name) {
    return AuthUserGetResponse.newBuilder().addAllRoles(ledger.user(name).getRolesList()).build();
  }

  Message list() {
    AuthUserListResponse.Builder response = AuthUserListResponse.newBuilder();
    ledger.users().forEach(user -> response.addUsersBytes(user.getName()));
    return response.build();
  }
}
