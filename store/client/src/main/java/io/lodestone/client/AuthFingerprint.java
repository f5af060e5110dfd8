package io.lodestone.client;

import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthRoleGetRequest;
import io.lodestone.api.etcdserverpb.AuthRoleListRequest;
import io.lodestone.api.etcdserverpb.AuthUserGetRequest;
import io.lodestone.api.etcdserverpb.AuthUserListRequest;
import java.util.OptionalLong;
import java.util.StringJoiner;

/**
 * Says in one string whether users, roles or permissions have changed. From 3.5 on it is the auth
 * revision, which counts every change; on 3.4 the lists themselves, in which a changed password
 * does not show.
 */
final class AuthFingerprint {
  private final EtcdConnection connection;

  AuthFingerprint(EtcdConnection connection) {
    this.connection = connection;
  }

  /** Needs the root role where authentication is on. */
  String read() {
    OptionalLong revision = connection.authRevision();
    return revision.isPresent() ? Long.toString(revision.getAsLong()) : lists();
  }

  private String lists() {
    StringJoiner all = new StringJoiner("\n");
    for (String user :
        connection
            .read(AuthGrpc.getUserListMethod(), AuthUserListRequest.getDefaultInstance())
            .getUsersList()) {
      AuthUserGetRequest request = AuthUserGetRequest.newBuilder().setName(user).build();
      all.add(user + connection.read(AuthGrpc.getUserGetMethod(), request).getRolesList());
    }
    for (String role :
        connection
            .read(AuthGrpc.getRoleListMethod(), AuthRoleListRequest.getDefaultInstance())
            .getRolesList()) {
      AuthRoleGetRequest request = AuthRoleGetRequest.newBuilder().setRole(role).build();
      all.add(role + connection.read(AuthGrpc.getRoleGetMethod(), request).getPermList());
    }
    return all.toString();
  }
}
