package io.lodestone.server.forward;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthenticateRequest;
import io.lodestone.api.etcdserverpb.AuthenticateResponse;
import io.lodestone.api.etcdserverpb.ClusterGrpc;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.api.v3electionpb.ElectionGrpc;
import io.lodestone.api.v3lockpb.LockGrpc;
import io.lodestone.server.call.CallStatus;
import io.lodestone.server.call.Caller;
import io.lodestone.server.kv.ReadOnly;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The methods that a copy cannot answer from what it holds, answered by the source in the name of
 * whoever called; or refused, as etcd's learners do, where forwarding is off. Thread-safe.
 *
 * <p>A call is forwarded with its own token and nothing else. While authentication is on, one
 * without a token is refused here: at the source it would count as coming from the copy itself.
 */
public final class Forwarding {
  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

  /** Services of which nothing can be answered here. */
  private static final Set<String> SERVICES =
      Set.of(AuthGrpc.SERVICE_NAME, LockGrpc.SERVICE_NAME, ElectionGrpc.SERVICE_NAME);

  private static final Set<MethodDescriptor<?, ?>> CHANGES =
      Set.of(
          KVGrpc.getPutMethod(),
          KVGrpc.getDeleteRangeMethod(),
          KVGrpc.getCompactMethod(),
          LeaseGrpc.getLeaseGrantMethod(),
          LeaseGrpc.getLeaseRevokeMethod(),
          LeaseGrpc.getLeaseKeepAliveMethod(),
          ClusterGrpc.getMemberAddMethod(),
          ClusterGrpc.getMemberRemoveMethod(),
          ClusterGrpc.getMemberUpdateMethod(),
          ClusterGrpc.getMemberPromoteMethod(),
          MaintenanceGrpc.getAlarmMethod(),
          MaintenanceGrpc.getDowngradeMethod());

  /** What the source knows better, and the copy well enough where it may not ask. */
  private static final Set<MethodDescriptor<?, ?>> BETTER_ASKED =
      Set.of(LeaseGrpc.getLeaseTimeToLiveMethod(), ClusterGrpc.getMemberListMethod());

  private final Upstream source;
  private final boolean enabled;
  private final BooleanSupplier authEnabled;
  private final SourceTokens tokens;

  /**
   * @param enabled whether to forward; logins are forwarded even if not
   * @param authEnabled whether authentication is on, as far as the copy knows
   */
  public Forwarding(
      Upstream source, boolean enabled, BooleanSupplier authEnabled, SourceTokens tokens) {
    this.source = source;
    this.enabled = enabled;
    this.authEnabled = authEnabled;
    this.tokens = tokens;
  }

  /** The service with some of its methods answered elsewhere. */
  public BindableService over(BindableService service) {
    return () -> over(service, service.bindService());
  }

  private ServerServiceDefinition over(BindableService service, ServerServiceDefinition local) {
    ServerServiceDefinition.Builder builder =
        ServerServiceDefinition.builder(local.getServiceDescriptor());
    for (ServerMethodDefinition<?, ?> method : local.getMethods()) {
      builder.addMethod(over(service, method));
    }
    return builder.build();
  }

  private ServerMethodDefinition<?, ?> over(
      BindableService service, ServerMethodDefinition<?, ?> method) {
    MethodDescriptor<?, ?> descriptor = method.getMethodDescriptor();
    if (descriptor.equals(AuthGrpc.getAuthenticateMethod())) {
      return ServerMethodDefinition.create(
          AuthGrpc.getAuthenticateMethod(), ServerCalls.asyncUnaryCall(this::authenticate));
    }
    if (descriptor.equals(KVGrpc.getTxnMethod()) && service instanceof KVGrpc.KVImplBase kv) {
      return ServerMethodDefinition.create(
          KVGrpc.getTxnMethod(),
          ServerCalls.asyncUnaryCall(
              (TxnRequest request, StreamObserver<TxnResponse> out) -> txn(kv, request, out)));
    }
    boolean change = SERVICES.contains(descriptor.getServiceName()) || CHANGES.contains(descriptor);
    return change || (enabled && BETTER_ASKED.contains(descriptor)) ? elsewhere(method) : method;
  }

  private <Q, A> ServerMethodDefinition<Q, A> elsewhere(ServerMethodDefinition<Q, A> method) {
    return ServerMethodDefinition.create(
        method.getMethodDescriptor(), (call, headers) -> forward(call));
  }

  private <Q, A> ServerCall.Listener<Q> forward(ServerCall<Q, A> call) {
    try {
      requireForwardable();
    } catch (StoreException e) {
      call.close(CallStatus.of(e), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    ClientCall<Q, A> onward =
        source.channel().newCall(call.getMethodDescriptor(), CallOptions.DEFAULT);
    return ForwardedCall.start(call, onward, callersToken());
  }

  private void requireForwardable() {
    if (!enabled) {
      throw new StoreException(ErrorCode.NOT_SUPPORTED_FOR_LEARNER);
    }
    if (authEnabled.getAsBoolean() && Caller.current().token().isEmpty()) {
      throw new StoreException(ErrorCode.USER_EMPTY);
    }
  }

  private static Metadata callersToken() {
    Metadata headers = new Metadata();
    Caller.current().token().ifPresent(token -> headers.put(TOKEN, token));
    return headers;
  }

  private void txn(KVGrpc.KVImplBase local, TxnRequest request, StreamObserver<TxnResponse> out) {
    if (ReadOnly.isReadOnly(request)) {
      local.txn(request, out);
      return;
    }
    try {
      requireForwardable();
    } catch (StoreException e) {
      out.onError(CallStatus.of(e).asRuntimeException());
      return;
    }
    forward(KVGrpc.getTxnMethod(), request, out);
  }

  private void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> out) {
    forward(
        AuthGrpc.getAuthenticateMethod(),
        request,
        new StreamObserver<AuthenticateResponse>() {
          @Override
          public void onNext(AuthenticateResponse response) {
            tokens.remember(response.getToken(), request.getName());
            out.onNext(response);
          }

          @Override
          public void onError(Throwable failure) {
            out.onError(failure);
          }

          @Override
          public void onCompleted() {
            out.onCompleted();
          }
        });
  }

  private <Q, A> void forward(MethodDescriptor<Q, A> method, Q request, StreamObserver<A> out) {
    ClientCalls.asyncUnaryCall(
        ClientInterceptors.intercept(
                source.channel(), MetadataUtils.newAttachHeadersInterceptor(callersToken()))
            .newCall(method, CallOptions.DEFAULT),
        request,
        out);
  }
}
