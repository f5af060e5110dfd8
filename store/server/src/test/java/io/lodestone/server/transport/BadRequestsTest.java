package io.lodestone.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.server.EmbeddedStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a client can get wrong below etcd's own rules; the texts are those of stock 3.5.30. */
final class BadRequestsTest {
  private static EmbeddedStore store;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() throws IOException {
    store = EmbeddedStore.builder().start();
    channel = NettyChannelBuilder.forTarget(store.target()).usePlaintext().build();
  }

  @AfterAll
  static void stop() throws IOException {
    channel.shutdownNow();
    store.close();
  }

  private static Status refusal(String method, byte[] request) {
    MethodDescriptor<byte[], byte[]> raw =
        MethodDescriptor.newBuilder(new Bytes(), new Bytes())
            .setFullMethodName(method)
            .setType(MethodDescriptor.MethodType.UNARY)
            .build();
    return catchThrowableOfType(
            StatusRuntimeException.class,
            () -> ClientCalls.blockingUnaryCall(channel, raw, CallOptions.DEFAULT, request))
        .getStatus();
  }

  private static byte[] put(int valueBytes) {
    return PutRequest.newBuilder()
        .setKey(ByteString.copyFromUtf8("big"))
        .setValue(ByteString.copyFrom(new byte[valueBytes]))
        .build()
        .toByteArray();
  }

  @Test
  void aRequestLargerThanTheLogTakesIsRefused() {
    Status refused = refusal("etcdserverpb.KV/Put", put(3 << 19));

    assertThat(refused.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refused.getDescription()).isEqualTo("etcdserver: request is too large");
  }

  @Test
  void aMessageLargerThanTheTransportTakesIsRefused() {
    Status refused = refusal("etcdserverpb.KV/Put", put(3_000_000));

    assertThat(refused.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.getDescription())
        .isEqualTo("grpc: received message larger than max (3000010 vs. 2097152)");
  }

  @Test
  void bytesThatAreNoMessageAreRefused() {
    Status refused = refusal("etcdserverpb.KV/Put", new byte[] {0x0a, 5, 1});

    assertThat(refused.getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(refused.getDescription())
        .isEqualTo("grpc: error unmarshalling request: unexpected EOF");
  }

  @Test
  void whatDoesNotExistIsNamed() {
    assertThat(refusal("etcdserverpb.KV/Bogus", new byte[0]).getDescription())
        .isEqualTo("unknown method Bogus for service etcdserverpb.KV");
    assertThat(refusal("bogus.KV/Put", new byte[0]).getDescription())
        .isEqualTo("unknown service bogus.KV");
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
        throw new UncheckedIOException(e);
      }
    }
  }
}
