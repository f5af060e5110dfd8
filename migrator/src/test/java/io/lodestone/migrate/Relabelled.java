package io.lodestone.migrate;

import com.google.common.io.ByteStreams;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.api.etcdserverpb.StatusResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A member as it is, but for the version that it says it has: old ones cannot be had any more. */
final class Relabelled implements AutoCloseable {
  private final Channel member;
  private final String version;
  private final Server server;

  private Relabelled(Channel member, String version) throws IOException {
    this.member = member;
    this.version = version;
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                ServerServiceDefinition.builder(MaintenanceGrpc.SERVICE_NAME)
                    .addMethod(
                        MaintenanceGrpc.getStatusMethod(),
                        ServerCalls.<StatusRequest, StatusResponse>asyncUnaryCall(
                            (request, answer) -> {
                              answer.onNext(status(request));
                              answer.onCompleted();
                            }))
                    .build())
            .fallbackHandlerRegistry(new Rest())
            .build()
            .start();
  }

  static Relabelled of(Channel member, String version) throws IOException {
    return new Relabelled(member, version);
  }

  /** {@code host:port} for the clients. */
  String endpoint() {
    return "127.0.0.1:" + server.getPort();
  }

  private StatusResponse status(StatusRequest request) {
    return MaintenanceGrpc.newBlockingStub(member).status(request).toBuilder()
        .setVersion(version)
        .build();
  }

  /** Whatever else is asked goes to the member, byte by byte. */
  private final class Rest extends HandlerRegistry {
    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
      MethodDescriptor<byte[], byte[]> method =
          MethodDescriptor.<byte[], byte[]>newBuilder(new Bytes(), new Bytes())
              .setFullMethodName(name)
              .setType(MethodType.BIDI_STREAMING)
              .build();
      return ServerMethodDefinition.create(
          method,
          ServerCalls.asyncBidiStreamingCall(
              answers ->
                  ClientCalls.asyncBidiStreamingCall(
                      member.newCall(method, CallOptions.DEFAULT), answers)));
    }
  }

  private static final class Bytes implements Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return ByteStreams.toByteArray(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
