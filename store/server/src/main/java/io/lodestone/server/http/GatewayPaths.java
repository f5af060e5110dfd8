package io.lodestone.server.http;

import com.google.protobuf.Descriptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which gRPC method a path of the gateway calls: etcd 3.5's own table. Immutable. */
final class GatewayPaths {
  private static final Map<String, List<String>> TABLE = table();

  private final Map<String, Rpc<?, ?>> byPath = new HashMap<>();

  /** Methods that are in the table but in none of {@code services} are not found. */
  GatewayPaths(List<ServerServiceDefinition> services) {
    for (ServerServiceDefinition service : services) {
      if (service.getServiceDescriptor().getSchemaDescriptor()
          instanceof ProtoServiceDescriptorSupplier schema) {
        service.getMethods().forEach(method -> add(method, schema.getServiceDescriptor()));
      }
    }
  }

  private void add(ServerMethodDefinition<?, ?> method, Descriptors.ServiceDescriptor service) {
    String name = method.getMethodDescriptor().getFullMethodName();
    for (String path : TABLE.getOrDefault(name, List.of())) {
      byPath.put(path, Rpc.of(method, service));
    }
  }

  /** Also under {@code /v3beta/}. */
  Optional<Rpc<?, ?>> at(String path) {
    return Optional.ofNullable(
        byPath.get(
            path.startsWith("/v3beta/") ? "/v3/" + path.substring("/v3beta/".length()) : path));
  }

  private static Map<String, List<String>> table() {
    Map<String, List<String>> table = new HashMap<>();
    add(table, "etcdserverpb.KV", "kv/", "Range range", "Put put", "DeleteRange deleterange");
    add(table, "etcdserverpb.KV", "kv/", "Txn txn", "Compact compaction");
    add(table, "etcdserverpb.Watch", "", "Watch watch");
    add(
        table,
        "etcdserverpb.Lease",
        "",
        "LeaseGrant lease/grant",
        "LeaseKeepAlive lease/keepalive");
    add(table, "etcdserverpb.Lease", "", "LeaseRevoke lease/revoke kv/lease/revoke");
    add(table, "etcdserverpb.Lease", "", "LeaseTimeToLive lease/timetolive kv/lease/timetolive");
    add(table, "etcdserverpb.Lease", "", "LeaseLeases lease/leases kv/lease/leases");
    add(table, "etcdserverpb.Cluster", "cluster/member/", "MemberAdd add", "MemberRemove remove");
    add(table, "etcdserverpb.Cluster", "cluster/member/", "MemberUpdate update", "MemberList list");
    add(table, "etcdserverpb.Cluster", "cluster/member/", "MemberPromote promote");
    add(table, "etcdserverpb.Maintenance", "maintenance/", "Alarm alarm", "Status status");
    add(table, "etcdserverpb.Maintenance", "maintenance/", "Defragment defragment", "Hash hash");
    add(table, "etcdserverpb.Maintenance", "maintenance/", "HashKV hashkv", "Snapshot snapshot");
    add(table, "etcdserverpb.Maintenance", "maintenance/", "MoveLeader transfer-leadership");
    add(table, "etcdserverpb.Maintenance", "maintenance/", "Downgrade downgrade");
    add(table, "etcdserverpb.Auth", "auth/", "AuthEnable enable", "AuthDisable disable");
    add(table, "etcdserverpb.Auth", "auth/", "AuthStatus status", "Authenticate authenticate");
    add(table, "etcdserverpb.Auth", "auth/user/", "UserAdd add", "UserGet get", "UserList list");
    add(
        table,
        "etcdserverpb.Auth",
        "auth/user/",
        "UserDelete delete",
        "UserChangePassword changepw");
    add(table, "etcdserverpb.Auth", "auth/user/", "UserGrantRole grant", "UserRevokeRole revoke");
    add(table, "etcdserverpb.Auth", "auth/role/", "RoleAdd add", "RoleGet get", "RoleList list");
    add(table, "etcdserverpb.Auth", "auth/role/", "RoleDelete delete", "RoleGrantPermission grant");
    add(table, "etcdserverpb.Auth", "auth/role/", "RoleRevokePermission revoke");
    add(table, "v3lockpb.Lock", "lock/", "Lock lock", "Unlock unlock");
    add(table, "v3electionpb.Election", "election/", "Campaign campaign", "Proclaim proclaim");
    add(table, "v3electionpb.Election", "election/", "Leader leader", "Observe observe");
    add(table, "v3electionpb.Election", "election/", "Resign resign");
    return table;
  }

  /** Each of {@code methods} is a method's name and its paths below {@code /v3/<prefix>}. */
  private static void add(
      Map<String, List<String>> table, String service, String prefix, String... methods) {
    for (String method : methods) {
      List<String> words = List.of(method.split(" ", -1));
      table.put(
          service + "/" + words.get(0),
          words.subList(1, words.size()).stream().map(path -> "/v3/" + prefix + path).toList());
    }
  }
}
