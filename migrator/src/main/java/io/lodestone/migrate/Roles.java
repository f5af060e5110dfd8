package io.lodestone.migrate;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.authpb.Permission;
import io.lodestone.api.authpb.Role;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthRoleGetRequest;
import io.lodestone.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.lodestone.api.etcdserverpb.AuthRoleGrantPermissionResponse;
import io.lodestone.api.etcdserverpb.AuthRoleListRequest;
import io.lodestone.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import io.lodestone.api.etcdserverpb.AuthRoleRevokePermissionResponse;
import io.lodestone.api.etcdserverpb.AuthUserGetRequest;
import io.lodestone.api.etcdserverpb.AuthUserListRequest;
import io.lodestone.client.EtcdConnection;
import java.util.ArrayList;
import java.util.List;

/** The roles of a cluster and what they permit. Needs the role root. */
final class Roles {
  static final ByteString ANY_KEY = ByteString.copyFrom(new byte[] {0});

  private static final String ROOT = "root";

  private final EtcdConnection cluster;

  Roles(EtcdConnection cluster) {
    this.cluster = cluster;
  }

  List<String> usersWithRoot() {
    List<String> found = new ArrayList<>();
    for (String user :
        cluster
            .read(AuthGrpc.getUserListMethod(), AuthUserListRequest.getDefaultInstance())
            .getUsersList()) {
      AuthUserGetRequest request = AuthUserGetRequest.newBuilder().setName(user).build();
      if (cluster.read(AuthGrpc.getUserGetMethod(), request).getRolesList().contains(ROOT)) {
        found.add(user);
      }
    }
    return found;
  }

  /** All but root, which may do everything whatever it is granted. */
  List<Role> thatMayWrite() {
    List<Role> found = new ArrayList<>();
    for (String name :
        cluster
            .read(AuthGrpc.getRoleListMethod(), AuthRoleListRequest.getDefaultInstance())
            .getRolesList()) {
      ByteString role = ByteString.copyFromUtf8(name);
      List<Permission> permissions = name.equals(ROOT) ? List.of() : permissions(role);
      if (permissions.stream().anyMatch(Roles::isWrite)) {
        found.add(Role.newBuilder().setName(role).addAllKeyPermission(permissions).build());
      }
    }
    return found;
  }

  private static boolean isWrite(Permission permission) {
    return permission.getPermType() != Permission.Type.READ;
  }

  private List<Permission> permissions(ByteString role) {
    AuthRoleGetRequest request =
        AuthRoleGetRequest.newBuilder().setRole(role.toStringUtf8()).build();
    return cluster.read(AuthGrpc.getRoleGetMethod(), request).getPermList();
  }

  boolean exists(ByteString role) {
    return cluster
        .read(AuthGrpc.getRoleListMethod(), AuthRoleListRequest.getDefaultInstance())
        .getRolesList()
        .contains(role.toStringUtf8());
  }

  /**
   * Makes what {@code role} permits {@code wanted}. What it may read in both states it may read
   * meanwhile, unless several of its permissions begin with the same key: etcd then does not find
   * the one that is to be changed, and it has to be taken away first.
   */
  void become(ByteString role, List<Permission> wanted) {
    for (Permission permission : wanted) {
      if (!permissions(role).contains(permission)) {
        grant(role, permission);
      }
    }
    for (Permission permission : permissions(role)) {
      if (!wanted.contains(permission)) {
        revoke(role, permission);
        wanted.stream()
            .filter(other -> isSameRange(permission, other))
            .forEach(other -> grant(role, other));
      }
    }
  }

  private static boolean isSameRange(Permission one, Permission other) {
    return one.getKey().equals(other.getKey()) && one.getRangeEnd().equals(other.getRangeEnd());
  }

  private void grant(ByteString role, Permission permission) {
    AuthRoleGrantPermissionResponse unused =
        cluster.write(
            AuthGrpc.getRoleGrantPermissionMethod(),
            AuthRoleGrantPermissionRequest.newBuilder()
                .setName(role.toStringUtf8())
                .setPerm(permission)
                .build());
  }

  private void revoke(ByteString role, Permission permission) {
    AuthRoleRevokePermissionRequest request =
        AuthRoleRevokePermissionRequest.newBuilder()
            .setRole(role.toStringUtf8())
            .setKey(permission.getKey())
            .setRangeEnd(permission.getRangeEnd())
            .build();
    try {
      AuthRoleRevokePermissionResponse unused =
          cluster.write(AuthGrpc.getRoleRevokePermissionMethod(), request);
    } catch (StoreException e) {
      if (e.code() != ErrorCode.PERMISSION_NOT_GRANTED) {
        throw e; // a second one of the same range went with the first
      }
    }
  }
}
