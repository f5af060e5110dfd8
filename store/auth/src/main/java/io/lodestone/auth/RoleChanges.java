package io.lodestone.auth;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.KeyRange;
import io.lodestone.api.StoreException;
import io.lodestone.api.TieOrder;
import io.lodestone.api.authpb.Permission;
import io.lodestone.api.authpb.Role;
import io.lodestone.api.authpb.User;
import io.lodestone.api.etcdserverpb.AuthRoleAddResponse;
import io.lodestone.api.etcdserverpb.AuthRoleDeleteResponse;
import io.lodestone.api.etcdserverpb.AuthRoleGetResponse;
import io.lodestone.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.lodestone.api.etcdserverpb.AuthRoleGrantPermissionResponse;
import io.lodestone.api.etcdserverpb.AuthRoleListResponse;
import io.lodestone.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import io.lodestone.api.etcdserverpb.AuthRoleRevokePermissionResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/** Requests about roles; a refusal changes nothing. Confined to the apply thread. */
final class RoleChanges {
  private static final Comparator<ByteString> ORDER =
      ByteString.unsignedLexicographicalComparator();

  private final Ledger ledger;
  private final Supplier<AuthRules> rules;

  RoleChanges(Ledger ledger, Supplier<AuthRules> rules) {
    this.ledger = ledger;
    this.rules = rules;
  }

  Message add(String name) {
    if (name.isEmpty()) {
      throw new StoreException(ErrorCode.ROLE_EMPTY);
    }
    if (ledger.accounts().role(name).isPresent()) {
      throw new StoreException(ErrorCode.ROLE_EXISTS);
    }
    ledger.put(Role.newBuilder().setName(ByteString.copyFromUtf8(name)).build());
    ledger.commit();
    return AuthRoleAddResponse.getDefaultInstance();
  }

  /** Whoever had the role loses it. */
  Message delete(String name) {
    if (ledger.enabled() && name.equals(AuthView.ROOT)) {
      throw new StoreException(ErrorCode.INVALID_AUTH_MANAGEMENT);
    }
    ledger.remove(ledger.role(name));
    for (User user : ledger.users()) {
      if (user.getRolesList().contains(name)) {
        ledger.put(UserChanges.without(user, name));
      }
    }
    ledger.commit();
    return AuthRoleDeleteResponse.getDefaultInstance();
  }

  Message grant(AuthRoleGrantPermissionRequest request) {
    if (!request.hasPerm()) {
      throw new StoreException(ErrorCode.PERMISSION_NOT_GIVEN);
    }
    Permission granted = request.getPerm();
    if (rules.get().checksGrantedRanges() && !isGrantable(granted)) {
      throw new StoreException(ErrorCode.INVALID_AUTH_MANAGEMENT);
    }
    Role role = ledger.role(request.getName());
    ledger.put(
        role.toBuilder()
            .clearKeyPermission()
            .addAllKeyPermission(with(role.getKeyPermissionList(), granted))
            .build());
    ledger.commit();
    return AuthRoleGrantPermissionResponse.getDefaultInstance();
  }

  private static boolean isGrantable(Permission permission) {
    KeyRange range = new KeyRange(permission.getKey(), permission.getRangeEnd());
    return !range.start().isEmpty()
        && (range.isSingle() || range.isFromKey() || ORDER.compare(range.start(), range.end()) < 0);
  }

  /**
   * Sorted by key. Only the first permission of a key is looked at for one to replace, so a range
   * can be in the list twice, as in etcd.
   */
  private static List<Permission> with(List<Permission> known, Permission granted) {
    List<Permission> permissions = new ArrayList<>(known);
    int first = 0;
    while (first < known.size() && ORDER.compare(known.get(first).getKey(), granted.getKey()) < 0) {
      first++;
    }
    if (first < known.size()
        && isOfRange(known.get(first), granted.getKey(), granted.getRangeEnd())) {
      permissions.set(
          first, known.get(first).toBuilder().setPermTypeValue(granted.getPermTypeValue()).build());
    } else {
      permissions.add(granted);
      Permission[] sorted = permissions.toArray(new Permission[0]);
      TieOrder.sort(sorted, Comparator.comparing(Permission::getKey, ORDER));
      Collections.copy(permissions, Arrays.asList(sorted));
    }
    return permissions;
  }

  Message revoke(AuthRoleRevokePermissionRequest request) {
    Role role = ledger.role(request.getRole());
    List<Permission> left =
        role.getKeyPermissionList().stream()
            .filter(known -> !isOfRange(known, request.getKey(), request.getRangeEnd()))
            .toList();
    if (left.size() == role.getKeyPermissionCount()) {
      throw new StoreException(ErrorCode.PERMISSION_NOT_GRANTED);
    }
    ledger.put(role.toBuilder().clearKeyPermission().addAllKeyPermission(left).build());
    ledger.commit();
    return AuthRoleRevokePermissionResponse.getDefaultInstance();
  }

  private static boolean isOfRange(Permission permission, ByteString key, ByteString rangeEnd) {
    return permission.getKey().equals(key) && permission.getRangeEnd().equals(rangeEnd);
  }

  Message get(String name) {
    return AuthRoleGetResponse.newBuilder()
        .addAllPerm(ledger.role(name).getKeyPermissionList())
        .build();
  }

  Message list() {
    AuthRoleListResponse.Builder response = AuthRoleListResponse.newBuilder();
    ledger.accounts().roles().keySet().forEach(response::addRolesBytes);
    return response.build();
  }
}
