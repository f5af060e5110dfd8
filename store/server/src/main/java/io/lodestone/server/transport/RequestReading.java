package io.lodestone.server.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Reads a method's requests, or says why one cannot be read, in the words of etcd's gRPC. The bytes
 * of keys and values are not copied again: they stay in the array that the request came in.
 * Thread-safe.
 */
final class RequestReading<Q> implements MethodDescriptor.Marshaller<RequestReading.Request<Q>> {
  private final MethodDescriptor.Marshaller<Q> plain;
  private final int maxBytes;

  /** Requests of more than {@code maxBytes} are refused. */
  RequestReading(MethodDescriptor.Marshaller<Q> plain, int maxBytes) {
    this.plain = plain;
    this.maxBytes = maxBytes;
  }

  /** A message, or with {@code refusal} none. */
  record Request<Q>(Q message, Status refusal) {
    boolean isRefused() {
      return !refusal.isOk();
    }
  }

  @Override
  public Request<Q> parse(InputStream stream) {
    try {
      int size = stream.available();
      return size > maxBytes ? tooLarge(size) : new Request<>(read(stream), Status.OK);
    } catch (InvalidProtocolBufferException e) {
      return refused(Status.INTERNAL, "grpc: error unmarshalling request: " + goWords(e));
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory cannot fail", e);
    }
  }

  private Request<Q> tooLarge(int size) {
    return refused(
        Status.RESOURCE_EXHAUSTED,
        "grpc: received message larger than max (" + size + " vs. " + maxBytes + ")");
  }

  private static <Q> Request<Q> refused(Status status, String why) {
    return new Request<>(null, status.withDescription(why));
  }

  private static String goWords(InvalidProtocolBufferException e) {
    String words = String.valueOf(e.getMessage());
    return words.contains("ended unexpectedly") ? "unexpected EOF" : "proto: " + words;
  }

  @SuppressWarnings("unchecked") // a prototype of Q has a parser of Q
  private Q read(InputStream stream) throws IOException {
    byte[] bytes = stream.readAllBytes();
    if (plain instanceof PrototypeMarshaller<Q> known
        && known.getMessagePrototype() instanceof MessageLite prototype) {
      ByteString whole = UnsafeByteOperations.unsafeWrap(bytes);
      CodedInputStream in = whole.newCodedInput();
      in.enableAliasing(true);
      MessageLite message = prototype.getParserForType().parseFrom(in);
      in.checkLastTagWas(0);
      return (Q) message;
    }
    return plain.parse(new ByteArrayInputStream(bytes));
  }

  @Override
  public InputStream stream(Request<Q> request) {
    return plain.stream(request.message());
  }
}
