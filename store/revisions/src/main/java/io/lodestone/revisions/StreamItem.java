package io.lodestone.revisions;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.authpb.Role;
import io.lodestone.api.authpb.User;
import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.api.etcdserverpb.Member;
import java.time.Instant;
import java.util.Optional;

/**
 * One element of a stream of revisions. The package documentation says in which order they come.
 * Immutable.
 */
public sealed interface StreamItem permits RevisionRecord, StreamItem.Marker, StreamItem.SideState {

  /** Tells where the stream stands. */
  sealed interface Marker extends StreamItem permits BaseStart, Complete, End {}

  /**
   * State beside the keyspace. In a base it is complete; in a tail each item replaces what was said
   * before.
   */
  sealed interface SideState extends StreamItem
      permits Compaction,
          LeaseState,
          LeaseGone,
          AuthState,
          UserState,
          RoleState,
          AlarmState,
          MemberState {}

  /**
   * A base begins; it replaces all state delivered so far. The reader of a tail may meet one when
   * the source had to start again.
   *
   * @param capturedAt when the source was in this state, by the clock of the machine that captured
   *     it
   * @param prefix what all keys of this stream begin with, where it tells of no others; then
   *     revisions that changed none of them are left out, and sub revisions count these keys only
   */
  record BaseStart(Origin origin, Instant capturedAt, Reason reason, Optional<ByteString> prefix)
      implements Marker {

    /** A base of the whole keyspace. */
    public BaseStart(Origin origin, Instant capturedAt, Reason reason) {
      this(origin, capturedAt, reason, Optional.empty());
    }
  }

  /** Why a base was taken. */
  enum Reason {
    /** The first of its chain, or an offline source, which has nothing else. */
    INITIAL,
    /** Asked for, by a person or a schedule. */
    REQUESTED,
    /** The source had compacted revisions that the tail still needed. */
    COMPACTED,
    /** Users, roles or permissions changed, which a watch does not show. */
    AUTH_CHANGED,
    /**
     * The source went back to, or jumped to, another history (for example it was itself restored).
     */
    DIVERGED
  }

  /**
   * Everything up to and including main revision {@code revision} has been delivered, and was all
   * there was at {@code at}.
   */
  record Complete(long revision, Instant at) implements Marker {}

  /** The stream is over. Live streams end only when closed. */
  record End() implements Marker {}

  /**
   * The source's compact revision. Reads below {@code scheduled} fail from the moment it was
   * accepted; rows up to {@code finished} have been removed from storage. -1 means never. In a
   * tail, {@code finished} is what the base said.
   */
  record Compaction(long scheduled, long finished) implements SideState {
    public static final Compaction NEVER = new Compaction(-1, -1);

    public Compaction {
      if (finished > scheduled || finished < -1) {
        throw new IllegalArgumentException(
            "compaction finished at " + finished + " but was scheduled at " + scheduled);
      }
    }
  }

  /**
   * A live lease. {@code remainingTtlSeconds} 0 means that the source did not say: take the granted
   * TTL.
   */
  record LeaseState(LeaseId id, long grantedTtlSeconds, long remainingTtlSeconds)
      implements SideState {}

  /** A lease that was revoked or has expired. Its keys are deleted by records of their own. */
  record LeaseGone(LeaseId id) implements SideState {}

  record AuthState(boolean enabled, long authRevision) implements SideState {}

  /** A user with its bcrypt password hash and its sorted roles. */
  record UserState(User user) implements SideState {}

  record RoleState(Role role) implements SideState {}

  record AlarmState(AlarmMember alarm) implements SideState {}

  record MemberState(Member member) implements SideState {}
}
