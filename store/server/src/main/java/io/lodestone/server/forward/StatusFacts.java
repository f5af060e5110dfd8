package io.lodestone.server.forward;

import io.grpc.BindableService;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What a copy knows of itself that etcd's answer to Status has no field for: told in the call's
 * trailers, which clients of etcd pass over. Thread-safe.
 */
public final class StatusFacts {
  private final Map<Metadata.Key<String>, Supplier<Optional<String>>> facts =
      new ConcurrentHashMap<>();

  /** Tells {@code value} as {@code name} (lower case, digits and hyphens), where there is one. */
  public void add(String name, Supplier<Optional<String>> value) {
    facts.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }

  /** The service, with Status telling more. */
  public BindableService over(BindableService service) {
    return () -> ServerInterceptors.intercept(service, new Telling());
  }

  private final class Telling implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return call.getMethodDescriptor().equals(MaintenanceGrpc.getStatusMethod())
          ? next.startCall(new Told<>(call), headers)
          : next.startCall(call, headers);
    }
  }

  private final class Told<Q, A> extends SimpleForwardingServerCall<Q, A> {
    Told(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      facts.forEach((name, value) -> value.get().ifPresent(text -> trailers.put(name, text)));
      super.close(status, trailers);
    }
  }
}
