package io.lodestone.migrate.compare;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthRoleGetRequest;
import io.lodestone.api.etcdserverpb.AuthRoleListRequest;
import io.lodestone.api.etcdserverpb.AuthUserGetRequest;
import io.lodestone.api.etcdserverpb.AuthUserListRequest;
import io.lodestone.client.EtcdConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Users with their roles, and roles with their permissions. Passwords cannot be seen. */
final class UserComparison {
  private final EtcdConnection source;
  private final EtcdConnection destination;

  UserComparison(EtcdConnection source, EtcdConnection destination) {
    this.source = source;
    this.destination = destination;
  }

  List<String> differences() {
    Map<String, String> theirs = read(source);
    Map<String, String> ours = read(destination);
    Set<String> names = new TreeSet<>(theirs.keySet());
    names.addAll(ours.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      if (!Objects.equals(theirs.get(name), ours.get(name))) {
        differences.add(name + " differs");
      }
    }
    return differences;
  }

  private static Map<String, String> read(EtcdConnection side) {
    Map<String, String> found = new TreeMap<>();
    for (String user :
        side.read(AuthGrpc.getUserListMethod(), AuthUserListRequest.getDefaultInstance())
            .getUsersList()) {
      AuthUserGetRequest request = AuthUserGetRequest.newBuilder().setName(user).build();
      found.put(
          "user " + user,
          side.read(AuthGrpc.getUserGetMethod(), request).getRolesList().toString());
    }
    for (String role :
        side.read(AuthGrpc.getRoleListMethod(), AuthRoleListRequest.getDefaultInstance())
            .getRolesList()) {
      found.put("role " + role, permissions(side, role));
    }
    return found;
  }

  /** The role root may be there in name only. */
  private static String permissions(EtcdConnection side, String role) {
    AuthRoleGetRequest request = AuthRoleGetRequest.newBuilder().setRole(role).build();
    try {
      return side.read(AuthGrpc.getRoleGetMethod(), request).getPermList().toString();
    } catch (StoreException e) {
      if (e.code() == ErrorCode.ROLE_NOT_FOUND) {
        return "";
      }
      throw e;
    }
  }
}
