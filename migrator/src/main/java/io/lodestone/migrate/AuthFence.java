package io.lodestone.migrate;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.authpb.Permission;
import io.lodestone.api.authpb.Role;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.client.EtcdConnection;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Takes the permission to write away from every role, which is ordered like a write: what comes
 * behind it is refused, unless root writes or a lease expires. What the roles were is on disk
 * before the first of them is changed.
 */
final class AuthFence implements Fence {
  private static final long DEADLINE_SECONDS = 5;

  private final EtcdConnection cluster;
  private final Roles roles;
  private final String user;
  private final RevokedRoles revoked;

  /**
   * @param user who we are; the only one with the role root
   */
  AuthFence(EtcdConnection cluster, String user, RevokedRoles revoked) {
    this.cluster = cluster;
    this.roles = new Roles(cluster);
    this.user = user;
    this.revoked = revoked;
  }

  @Override
  public void prepare() {
    List<Role> unused = requirePossible();
  }

  @Override
  public void raise() throws IOException {
    requirePossible();
    List<Role> before = revoked.remembered();
    if (before.isEmpty()) {
      before = roles.thatMayWrite();
      revoked.remember(before);
    }
    for (Role role : before) {
      roles.become(role.getName(), withoutWrites(role.getKeyPermissionList()));
    }
    List<Role> left = roles.thatMayWrite();
    if (!left.isEmpty()) {
      throw new LodestoneException(
          "role "
              + left.get(0).getName().toStringUtf8()
              + " was given permission to write meanwhile",
          "leave users and roles alone while the source is fenced, then try again");
    }
  }

  @Override
  public void lower() throws IOException {
    for (Role role : revoked.remembered()) {
      if (roles.exists(role.getName())) { // somebody may have removed it behind the fence
        roles.become(role.getName(), role.getKeyPermissionList());
      }
    }
    revoked.forget();
  }

  @Override
  public boolean stopsReplay() {
    return false;
  }

  /** The roles that would lose permissions. Fails where writers would be left. */
  List<Role> requirePossible() {
    if (!isAuthenticationOn()) {
      throw new LodestoneException(
          "authentication is off on the source: everybody may write, and no role can be taken away",
          "choose another fence: --fence alarm");
    }
    List<String> others =
        roles.usersWithRoot().stream().filter(name -> !name.equals(user)).toList();
    if (!others.isEmpty()) {
      throw new LodestoneException(
          "the writes of "
              + String.join(", ", others)
              + " cannot be fenced: they have the role root",
          "take that role from them (etcdctl user revoke-role), or choose another fence: --fence"
              + " alarm");
    }
    return roles.thatMayWrite();
  }

  private boolean isAuthenticationOn() {
    RangeRequest read = RangeRequest.newBuilder().setKey(Roles.ANY_KEY).setCountOnly(true).build();
    try {
      RangeResponse unused =
          KVGrpc.newBlockingStub(cluster.channelWithoutLogin())
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .range(read);
      return false;
    } catch (StatusRuntimeException e) {
      Status.Code code = e.getStatus().getCode();
      if (code == Status.Code.INVALID_ARGUMENT || code == Status.Code.PERMISSION_DENIED) {
        return true;
      }
      throw new LodestoneException(
          "whether authentication is on could not be found out: " + e.getStatus(),
          "check the source's members, then try again",
          e);
    }
  }

  private static List<Permission> withoutWrites(List<Permission> permissions) {
    return permissions.stream()
        .filter(permission -> permission.getPermType() != Permission.Type.WRITE)
        .map(permission -> permission.toBuilder().setPermType(Permission.Type.READ).build())
        .toList();
  }
}
