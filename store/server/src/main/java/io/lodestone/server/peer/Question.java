package io.lodestone.server.peer;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;

/**
 * What one member asks another: one byte of kind, then a message. Immutable.
 *
 * @param body as the kind says
 */
record Question(Kind kind, ByteString body) {
  enum Kind {
    /** Nothing; answered by a MemberListResponse. */
    MEMBERS,
    /** LeaseKeepAliveRequest; answered, by the leader, by a LeaseKeepAliveResponse. */
    RENEW,
    /** LeaseTimeToLiveRequest; answered, by the leader, by a LeaseTimeToLiveResponse. */
    TIME_TO_LIVE,
    /** HashKVRequest; answered by a HashKVResponse. */
    HASH,
    /** Peer URLs of a MemberAddRequest; answered, by the leader, by the Member. */
    ADD,
    /** MemberRemoveRequest; answered, by the leader, by nothing. */
    REMOVE,
    /** MemberUpdateRequest; answered, by the leader, by nothing. */
    UPDATE,
    /** MemberPromoteRequest; answered, by the leader, by nothing. */
    PROMOTE
  }

  ByteBuffer encoded() {
    ByteBuffer encoded = ByteBuffer.allocate(1 + body.size()).put((byte) kind.ordinal());
    body.copyTo(encoded);
    return encoded.flip();
  }

  /** Fails with an {@link IllegalArgumentException} for a kind that only newer members know. */
  static Question decoded(ByteBuffer encoded) {
    ByteBuffer rest = encoded.duplicate();
    int kind = rest.hasRemaining() ? rest.get() : -1;
    if (kind < 0 || kind >= Kind.values().length) {
      throw new IllegalArgumentException("a question of unknown kind " + kind);
    }
    return new Question(Kind.values()[kind], ByteString.copyFrom(rest));
  }
}
