package io.lodestone.server.replication;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.Member;
import java.nio.ByteBuffer;

/**
 * What the log of a cluster carries. Encoded as one byte of kind, then the rest. Immutable.
 *
 * <pre>{@code
 * 1  InternalRaftRequest                    Request
 * 2  8 bytes of term, InternalRaftRequest   OfLeader
 * 3  Member                                 Add
 * 4  Member, of which id and peer URLs      Update
 * 5  8 bytes of id                          Promote
 * 6  8 bytes of id                          Remove
 * }</pre>
 */
public sealed interface Command {
  /** What a client asked for, and what a member says of itself. */
  record Request(InternalRaftRequest request) implements Command {}

  /** What a leader does by itself; of no effect under another term. */
  record OfLeader(long term, InternalRaftRequest request) implements Command {}

  /** A member that is not there yet, with its peer URLs, as voter or learner. */
  record Add(Member member) implements Command {}

  /** New peer URLs of a member. */
  record Update(Member member) implements Command {}

  /** A learner becomes a voter. */
  record Promote(long id) implements Command {}

  record Remove(long id) implements Command {}

  default ByteBuffer encoded() {
    if (this instanceof Request command) {
      return encoded(1, command.request().toByteString());
    }
    if (this instanceof OfLeader command) {
      return encoded(2, eight(command.term()).concat(command.request().toByteString()));
    }
    if (this instanceof Add command) {
      return encoded(3, command.member().toByteString());
    }
    if (this instanceof Update command) {
      return encoded(4, command.member().toByteString());
    }
    if (this instanceof Promote command) {
      return encoded(5, eight(command.id()));
    }
    if (this instanceof Remove command) {
      return encoded(6, eight(command.id()));
    }
    throw new IllegalStateException("no encoding for " + this);
  }

  private static ByteBuffer encoded(int kind, ByteString rest) {
    ByteBuffer buffer = ByteBuffer.allocate(1 + rest.size()).put((byte) kind);
    rest.copyTo(buffer);
    return buffer.flip();
  }

  private static ByteString eight(long number) {
    return ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
  }

  /** Fails with {@link CorruptDataException} for what {@link #encoded} has not made. */
  static Command decoded(ByteBuffer encoded) {
    ByteBuffer rest = encoded.duplicate();
    try {
      int kind = rest.get();
      return switch (kind) {
        case 1 -> new Request(InternalRaftRequest.parseFrom(rest));
        case 2 -> new OfLeader(rest.getLong(), InternalRaftRequest.parseFrom(rest));
        case 3 -> new Add(Member.parseFrom(rest));
        case 4 -> new Update(Member.parseFrom(rest));
        case 5 -> new Promote(rest.getLong());
        case 6 -> new Remove(rest.getLong());
        default -> throw unknown("kind " + kind, null);
      };
    } catch (InvalidProtocolBufferException e) {
      throw unknown("no message", e);
    }
  }

  private static CorruptDataException unknown(String what, Throwable cause) {
    return new CorruptDataException(
        "the log has a command that cannot be read: " + what,
        "every member must run the same version of the program, or a newer one",
        cause);
  }
}
