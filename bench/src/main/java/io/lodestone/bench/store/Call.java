package io.lodestone.bench.store;

import com.google.common.io.ByteStreams;
import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import io.lodestone.api.etcdserverpb.KVGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A unary call whose request is bytes and whose response is read away uninterpreted. */
final class Call {
  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            ByteStreams.exhaust(stream);
            return EMPTY;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };
  private static final byte[] EMPTY = {};

  static final MethodDescriptor<byte[], byte[]> PUT = raw(KVGrpc.getPutMethod());
  static final MethodDescriptor<byte[], byte[]> GET = raw(KVGrpc.getRangeMethod());

  private Call() {}

  /** The same method as {@code stub}'s, on raw bytes. */
  private static MethodDescriptor<byte[], byte[]> raw(
      MethodDescriptor<? extends MessageLite, ? extends MessageLite> stub) {
    return MethodDescriptor.newBuilder(BYTES, BYTES)
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(stub.getFullMethodName())
        .build();
  }
}
