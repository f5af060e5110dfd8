package io.lodestone.auth;

import com.google.protobuf.ByteString;
import io.lodestone.api.authpb.Role;
import io.lodestone.api.authpb.User;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Users and roles, by name in byte order. Confined to one thread; copies are independent. */
final class Accounts {
  private final NavigableMap<ByteString, User> users =
      new TreeMap<>(ByteString.unsignedLexicographicalComparator());
  private final NavigableMap<ByteString, Role> roles =
      new TreeMap<>(ByteString.unsignedLexicographicalComparator());

  Accounts copy() {
    Accounts copy = new Accounts();
    copy.users.putAll(users);
    copy.roles.putAll(roles);
    return copy;
  }

  void clear() {
    users.clear();
    roles.clear();
  }

  Optional<User> user(String name) {
    return Optional.ofNullable(users.get(key(name)));
  }

  Optional<Role> role(String name) {
    return Optional.ofNullable(roles.get(key(name)));
  }

  void put(User user) {
    users.put(user.getName(), user);
  }

  void put(Role role) {
    roles.put(role.getName(), role);
  }

  void removeUser(ByteString name) {
    users.remove(name);
  }

  void removeRole(ByteString name) {
    roles.remove(name);
  }

  Map<ByteString, User> users() {
    return users;
  }

  Map<ByteString, Role> roles() {
    return roles;
  }

  static ByteString key(String name) {
    return ByteString.copyFromUtf8(name);
  }
}
