package io.lodestone.auth;

import io.lodestone.api.etcdserverpb.InternalRaftRequest;

/** Tells the auth requests of the log apart. */
final class AuthRequests {
  private AuthRequests() {}

  /** Every auth request besides logging in and looking at one user or role. */
  static boolean needsRoot(InternalRaftRequest request) {
    return request.hasAuthEnable()
        || request.hasAuthDisable()
        || request.hasAuthStatus()
        || (isAboutUsers(request) && !request.hasAuthUserGet())
        || (isAboutRoles(request) && !request.hasAuthRoleGet());
  }

  static boolean isAboutUsers(InternalRaftRequest request) {
    return request.hasAuthUserAdd()
        || request.hasAuthUserDelete()
        || request.hasAuthUserGet()
        || request.hasAuthUserChangePassword()
        || request.hasAuthUserGrantRole()
        || request.hasAuthUserRevokeRole()
        || request.hasAuthUserList();
  }

  private static boolean isAboutRoles(InternalRaftRequest request) {
    return request.hasAuthRoleAdd()
        || request.hasAuthRoleDelete()
        || request.hasAuthRoleGet()
        || request.hasAuthRoleList()
        || request.hasAuthRoleGrantPermission()
        || request.hasAuthRoleRevokePermission();
  }
}
