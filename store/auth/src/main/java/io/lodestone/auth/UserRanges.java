package io.lodestone.auth;

import io.lodestone.api.KeyRange;
import io.lodestone.api.authpb.Permission;
import io.lodestone.api.authpb.User;

/** The union of what a user's roles permit. Not changed once made. */
record UserRanges(KeyRanges readable, KeyRanges writable) {

  static UserRanges of(User user, Accounts accounts) {
    UserRanges ranges = new UserRanges(new KeyRanges(), new KeyRanges());
    for (String name : user.getRolesList()) {
      accounts.role(name).ifPresent(role -> role.getKeyPermissionList().forEach(ranges::add));
    }
    return ranges;
  }

  private void add(Permission permission) {
    KeyRange range = new KeyRange(permission.getKey(), permission.getRangeEnd());
    switch (permission.getPermType()) {
      case READ -> readable.add(range);
      case WRITE -> writable.add(range);
      case READWRITE -> {
        readable.add(range);
        writable.add(range);
      }
      case UNRECOGNIZED -> {
        // A newer etcd's kind of access, which permits nothing here.
      }
    }
  }

  boolean permits(Permission.Type access, KeyRange range) {
    return (access == Permission.Type.READ ? readable : writable).covers(range);
  }
}
