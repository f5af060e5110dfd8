package io.lodestone.server.watch;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.lodestone.api.etcdserverpb.WatchResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Writes answers without putting them together first. Thread-safe. */
final class WatchAnswerMarshaller implements MethodDescriptor.Marshaller<WatchAnswer> {
  @Override
  public InputStream stream(WatchAnswer answer) {
    return new Encoded(answer);
  }

  @Override
  public WatchAnswer parse(InputStream stream) {
    try {
      return WatchAnswer.parse(WatchResponse.parseFrom(stream));
    } catch (IOException e) {
      throw Status.INTERNAL.withCause(e).asRuntimeException();
    }
  }

  /** An answer's bytes: poured out by gRPC, or read by others. Confined to one thread. */
  private static final class Encoded extends InputStream implements Drainable, KnownLength {
    private final WatchAnswer answer;
    private InputStream bytes = InputStream.nullInputStream();
    private boolean begun;

    private Encoded(WatchAnswer answer) {
      this.answer = answer;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      begun = true;
      answer.writeTo(target);
      return (int) answer.sizeBytes();
    }

    @Override
    public int available() throws IOException {
      return begun ? bytes.available() : (int) answer.sizeBytes();
    }

    @Override
    public int read() throws IOException {
      return begun().read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return begun().read(into, offset, length);
    }

    private InputStream begun() {
      if (!begun) {
        begun = true;
        ByteArrayOutputStream whole = new ByteArrayOutputStream((int) answer.sizeBytes());
        try {
          answer.writeTo(whole);
        } catch (IOException e) {
          throw new UncheckedIOException("memory cannot be written", e);
        }
        bytes = new ByteArrayInputStream(whole.toByteArray());
      }
      return bytes;
    }
  }
}
