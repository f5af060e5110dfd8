package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor.MethodType;
import org.apache.ratis.thirdparty.io.grpc.Status;

/**
 * What members say to each other besides Ratis' own messages, as gRPC methods of bytes. The service
 * is named after the cluster, so that members of two clusters do not take each other for their own;
 * only {@link #ASK} is the same for all.
 *
 * @param term the term of who is asked
 * @param forward has the leader propose commands
 * @param readIndex the leader's {@link ReadIndex}
 * @param change changes the members, at the leader
 * @param transfer hands over leadership, at the leader
 * @param gone whether the leader is gone for who is asked, as {@link Succession} asks it
 * @param inPlace tells the leader of a {@link CheckpointNotice}
 * @param checkpoint asks, with the id of who asks, for a checkpoint of the leader's state, as
 *     {@link CheckpointWriter} writes it
 */
record PeerMethods(
    String service,
    MethodDescriptor<byte[], byte[]> term,
    MethodDescriptor<byte[], byte[]> forward,
    MethodDescriptor<byte[], byte[]> readIndex,
    MethodDescriptor<byte[], byte[]> change,
    MethodDescriptor<byte[], byte[]> transfer,
    MethodDescriptor<byte[], byte[]> gone,
    MethodDescriptor<byte[], byte[]> inPlace,
    MethodDescriptor<byte[], byte[]> checkpoint) {
  static final String ASK_SERVICE = "lodestone.raft";
  static final MethodDescriptor<byte[], byte[]> ASK = unary(ASK_SERVICE, "ask");
  static final byte[] NOTHING = {};

  static PeerMethods of(long clusterId) {
    String service = ASK_SERVICE + "." + Long.toHexString(clusterId);
    return new PeerMethods(
        service,
        unary(service, "term"),
        unary(service, "forward"),
        unary(service, "readIndex"),
        unary(service, "change"),
        unary(service, "transfer"),
        unary(service, "gone"),
        unary(service, "inPlace"),
        method(service, "checkpoint", MethodType.SERVER_STREAMING));
  }

  private static MethodDescriptor<byte[], byte[]> unary(String service, String name) {
    return method(service, name, MethodType.UNARY);
  }

  private static MethodDescriptor<byte[], byte[]> method(
      String service, String name, MethodType type) {
    return MethodDescriptor.newBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
        .setType(type)
        .build();
  }

  /** A failure as it goes over the wire. */
  static Status status(ConsensusException failure) {
    return Status.FAILED_PRECONDITION.withDescription(
        failure.reason().name() + " " + failure.getMessage());
  }

  /** A failure as it comes from the wire; {@code otherwise} where it is none of ours. */
  static ConsensusException failure(Throwable thrown, Reason otherwise) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    if (cause instanceof ConsensusException known) {
      return known;
    }
    Status status = Status.fromThrowable(cause);
    String text = status.getDescription();
    if (status.getCode() == Status.Code.FAILED_PRECONDITION && text != null) {
      for (Reason reason : Reason.values()) {
        String name = reason.name() + " ";
        if (text.startsWith(name)) {
          return new ConsensusException(reason, text.substring(name.length()), cause);
        }
      }
    }
    return new ConsensusException(otherwise, "the other member: " + told(status), cause);
  }

  /** On one line; gRPC's own text has the whole stack of the cause. */
  private static String told(Status status) {
    return Stream.of(
            Optional.of(status.getCode().name()),
            Optional.ofNullable(status.getDescription()),
            Optional.ofNullable(status.getCause()).map(Throwable::getMessage))
        .flatMap(Optional::stream)
        .collect(Collectors.joining(", "));
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    private static final Bytes MARSHALLER = new Bytes();

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
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
