package io.lodestone.client;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/**
 * The keys of a running cluster that begin with a prefix, for a user who may read these and no
 * others: a range is the base, a watch the tail.
 *
 * <p>What it cannot tell: other keys; the revisions that changed none of its own; what was before
 * the base, which is compacted at its own revision; the true sub revisions; leases, of which only
 * the ids in the keys are left; users, roles, alarms and members. Nor does it see where a member
 * loses an event, which in a whole keyspace is a missing revision.
 *
 * <p>The stream survives the loss of members and connections, and begins a new base where the
 * cluster has compacted what was still to be read or went back. A new base begins at the revision
 * up to which streams of this object have told all, if the cluster still has it. A stream has no
 * thread and no backlog of its own: while nobody reads, the member holds back what happens.
 * Thread-safe.
 */
public final class PrefixCluster implements RevisionSource {
  /** Before the first Complete: no revision, and no time of it. */
  static final Complete NOTHING = new Complete(0, Instant.MIN);

  private final EtcdConnection connection;
  private final ByteString prefix;
  private final FollowOptions options;
  private final Clock clock;

  /** Up to where everything was handed out by any stream. */
  private volatile Complete told = NOTHING;

  /**
   * @param connection stays the caller's to close, after the streams
   * @param prefix not empty
   */
  public PrefixCluster(
      EtcdConnection connection, ByteString prefix, FollowOptions options, Clock clock) {
    if (prefix.isEmpty()) {
      throw new IllegalArgumentException("an empty prefix is the whole keyspace");
    }
    this.connection = connection;
    this.prefix = prefix;
    this.options = options;
    this.clock = clock;
  }

  /** Fails at once where the cluster cannot be reached or does not let us in. */
  @Override
  public RevisionStream openAtBase(Reason reason) throws IOException {
    return open(Optional.of(reason), told);
  }

  /** Fails at once where the cluster cannot be reached or does not let us in. */
  @Override
  public RevisionStream openAfter(long revision) throws IOException {
    return open(
        revision < 1 ? Optional.of(Reason.INITIAL) : Optional.empty(),
        new Complete(revision, Instant.MIN));
  }

  private RevisionStream open(Optional<Reason> base, Complete position) throws IOException {
    long unused = connection.revision(KeyRange.prefix(prefix));
    Files.createDirectories(options.spoolDirectory());
    return new PrefixStream(
        connection, prefix, options, clock, base, position, mark -> told = mark);
  }
}
