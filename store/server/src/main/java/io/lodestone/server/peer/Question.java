package io.lodestone.server.peer;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What one member asks another: one byte of kind, then a message. Immutable.
 *
 * @param body as the kind says
 */
record Question(Kind kind, ByteString body) {
  enum Kind {
    /** Nothing; answered by a MemberListResponse. */
    MEMBERS(1),
    /** LeaseKeepAliveRequest; answered, by the leader, by a LeaseKeepAliveResponse. */
    RENEW(2),
    /** LeaseTimeToLiveRequest; answered, by the leader, by a LeaseTimeToLiveResponse. */
    TIME_TO_LIVE(3),
    /** HashKVRequest; answered by a HashKVResponse. */
    HASH(4),
    /** Peer URLs of a MemberAddRequest; answered, by the leader, by the Member. */
    ADD(5),
    /** MemberRemoveRequest; answered, by the leader, by nothing. */
    REMOVE(6),
    /** MemberUpdateRequest; answered, by the leader, by nothing. */
    UPDATE(7),
    /** MemberPromoteRequest; answered, by the leader, by nothing. */
    PROMOTE(8);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }

    private static Kind of(byte code) {
      return Arrays.stream(values())
          .filter(kind -> kind.code == code)
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("a question of unknown kind " + code));
    }
  }

  ByteBuffer encoded() {
    ByteBuffer encoded = ByteBuffer.allocate(1 + body.size()).put(kind.code);
    body.copyTo(encoded);
    return encoded.flip();
  }

  /** Fails with an {@link IllegalArgumentException} for a kind that only newer members know. */
  static Question decoded(ByteBuffer encoded) {
    ByteBuffer rest = encoded.duplicate();
    Kind kind = Kind.of(rest.hasRemaining() ? rest.get() : 0);
    return new Question(kind, ByteString.copyFrom(rest));
  }
}
