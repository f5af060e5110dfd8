package io.lodestone.conformance.requests;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.ClusterGrpc;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.WatchGrpc;
import io.lodestone.api.v3electionpb.ElectionGrpc;
import io.lodestone.api.v3lockpb.LockGrpc;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Every method of etcd's v3 services, by its short name such as {@code KV/Range}. Immutable. */
final class Rpc {
  private static final List<ServiceDescriptor> SERVICES =
      List.of(
          KVGrpc.getServiceDescriptor(),
          WatchGrpc.getServiceDescriptor(),
          LeaseGrpc.getServiceDescriptor(),
          ClusterGrpc.getServiceDescriptor(),
          MaintenanceGrpc.getServiceDescriptor(),
          AuthGrpc.getServiceDescriptor(),
          LockGrpc.getServiceDescriptor(),
          ElectionGrpc.getServiceDescriptor());

  private static final Map<String, MethodDescriptor<Message, Message>> METHODS =
      SERVICES.stream()
          .map(ServiceDescriptor::getMethods)
          .flatMap(Collection::stream)
          .collect(Collectors.toUnmodifiableMap(Rpc::shortName, Rpc::ofMessages));

  private Rpc() {}

  /** Fails for a name that no service has. */
  static MethodDescriptor<Message, Message> method(String shortName) {
    MethodDescriptor<Message, Message> method = METHODS.get(shortName);
    if (method == null) {
      throw new IllegalArgumentException("etcd has no method " + shortName);
    }
    return method;
  }

  static Collection<String> names() {
    return METHODS.keySet();
  }

  private static String shortName(MethodDescriptor<?, ?> method) {
    return method.getFullMethodName().substring(method.getFullMethodName().indexOf('.') + 1);
  }

  /** Sound because every request and response here is a protobuf message. */
  @SuppressWarnings("unchecked")
  private static MethodDescriptor<Message, Message> ofMessages(MethodDescriptor<?, ?> method) {
    return (MethodDescriptor<Message, Message>) method;
  }
}
