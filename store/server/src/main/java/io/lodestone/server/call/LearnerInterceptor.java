package io.lodestone.server.call;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * On a learner, leaves what etcd's learners answer: a member's status, snapshots, and serializable
 * reads of a range. Thread-safe.
 */
public final class LearnerInterceptor implements ServerInterceptor {
  private static final Set<String> SERVED =
      Set.of(
          MaintenanceGrpc.getStatusMethod().getFullMethodName(),
          MaintenanceGrpc.getSnapshotMethod().getFullMethodName());
  private static final String RANGE = KVGrpc.getRangeMethod().getFullMethodName();

  private final BooleanSupplier learns;

  public LearnerInterceptor(BooleanSupplier learns) {
    this.learns = learns;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    MethodDescriptor<Q, A> method = call.getMethodDescriptor();
    if (!learns.getAsBoolean() || SERVED.contains(method.getFullMethodName())) {
      return next.startCall(call, headers);
    }
    if (method.getFullMethodName().equals(RANGE)) {
      return new SerializableOnly<>(call, next.startCall(call, headers));
    }
    refuse(call);
    return new ServerCall.Listener<>() {};
  }

  private static void refuse(ServerCall<?, ?> call) {
    call.close(ErrorCode.NOT_SUPPORTED_FOR_LEARNER.toStatus(), new Metadata());
  }

  private static final class SerializableOnly<Q> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, ?> call;
    private boolean refused;

    private SerializableOnly(ServerCall<Q, ?> call, ServerCall.Listener<Q> service) {
      super(service);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      if (message instanceof RangeRequest range && !range.getSerializable()) {
        refused = true;
        refuse(call);
      } else {
        super.onMessage(message);
      }
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        super.onHalfClose();
      }
    }
  }
}
