package io.lodestone.server.transport;

import io.grpc.ForwardingServerCall;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Services whose bad requests are refused as etcd refuses them: what cannot be read, what is too
 * large, what does not exist. Stateless.
 */
final class StrictServices {
  private StrictServices() {}

  static ServerServiceDefinition of(ServerServiceDefinition service, int maxBytes) {
    ServiceDescriptor plain = service.getServiceDescriptor();
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    service.getMethods().forEach(method -> methods.add(strict(method, maxBytes)));
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(plain.getName())
            .setSchemaDescriptor(plain.getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder strict = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(strict::addMethod);
    return strict.build();
  }

  private static <Q, A> ServerMethodDefinition<?, ?> strict(
      ServerMethodDefinition<Q, A> method, int maxBytes) {
    MethodDescriptor<Q, A> plain = method.getMethodDescriptor();
    return ServerMethodDefinition.create(
        plain.toBuilder(
                new RequestReading<>(plain.getRequestMarshaller(), maxBytes),
                plain.getResponseMarshaller())
            .build(),
        (call, headers) ->
            new Unwrapping<>(
                call, method.getServerCallHandler().startCall(new Typed<>(call, plain), headers)));
  }

  /** The call as the method knows it. */
  private static final class Typed<Q, A> extends ForwardingServerCall<Q, A> {
    private final ServerCall<RequestReading.Request<Q>, A> call;
    private final MethodDescriptor<Q, A> plain;

    private Typed(ServerCall<RequestReading.Request<Q>, A> call, MethodDescriptor<Q, A> plain) {
      this.call = call;
      this.plain = plain;
    }

    @Override
    @SuppressWarnings("unchecked") // only its descriptor knows what a call's requests are
    protected ServerCall<Q, A> delegate() {
      return (ServerCall<Q, A>) (ServerCall<?, A>) call;
    }

    @Override
    public MethodDescriptor<Q, A> getMethodDescriptor() {
      return plain;
    }
  }

  /** Hands readable requests on, and ends the call with the first that is not. */
  private static final class Unwrapping<Q, A>
      extends ServerCall.Listener<RequestReading.Request<Q>> {
    private final ServerCall<RequestReading.Request<Q>, A> call;
    private final ServerCall.Listener<Q> method;
    private boolean refused;

    private Unwrapping(
        ServerCall<RequestReading.Request<Q>, A> call, ServerCall.Listener<Q> method) {
      this.call = call;
      this.method = method;
    }

    @Override
    public void onMessage(RequestReading.Request<Q> request) {
      if (!request.isRefused()) {
        method.onMessage(request.message());
      } else if (!refused) {
        refused = true;
        call.close(request.refusal(), new Metadata());
        method.onCancel();
      }
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        method.onHalfClose();
      }
    }

    @Override
    public void onCancel() {
      if (!refused) {
        method.onCancel();
      }
    }

    @Override
    public void onComplete() {
      if (!refused) {
        method.onComplete();
      }
    }

    @Override
    public void onReady() {
      if (!refused) {
        method.onReady();
      }
    }
  }

  /** Answers for every method that none of {@code services} has. */
  static HandlerRegistry missing(List<ServerServiceDefinition> services) {
    Set<String> known =
        services.stream()
            .map(service -> service.getServiceDescriptor().getName())
            .collect(Collectors.toSet());
    return new HandlerRegistry() {
      @Override
      public ServerMethodDefinition<?, ?> lookupMethod(String fullName, String authority) {
        return refusing(fullName, known);
      }
    };
  }

  private static ServerMethodDefinition<byte[], byte[]> refusing(
      String fullName, Set<String> known) {
    String service = String.valueOf(MethodDescriptor.extractFullServiceName(fullName));
    String why =
        known.contains(service)
            ? "unknown method "
                + fullName.substring(service.length() + 1)
                + " for service "
                + service
            : "unknown service " + service;
    ServerCallHandler<byte[], byte[]> handler =
        (call, headers) -> {
          call.close(Status.UNIMPLEMENTED.withDescription(why), new Metadata());
          return new ServerCall.Listener<>() {};
        };
    return ServerMethodDefinition.create(
        MethodDescriptor.newBuilder(new Bytes(), new Bytes())
            .setFullMethodName(fullName)
            .setType(MethodDescriptor.MethodType.UNKNOWN)
            .build(),
        handler);
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] bytes) {
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException("reading from memory cannot fail", e);
      }
    }
  }
}
