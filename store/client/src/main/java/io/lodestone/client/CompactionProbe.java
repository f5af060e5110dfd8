package io.lodestone.client;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.KeyRange;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Learns a member's compact revision without hashing its keyspace and without the root role: a read
 * at a revision below it is refused, and a watch from revision 1 is cancelled with the number.
 */
public final class CompactionProbe {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final long NOTHING = -1;

  private final EtcdConnection connection;
  private final ByteString key;

  public CompactionProbe(EtcdConnection connection) {
    this(connection, EtcdConnection.UNUSED_KEY);
  }

  /**
   * @param key one that the user may read; it need not exist
   */
  CompactionProbe(EtcdConnection connection, ByteString key) {
    this.connection = connection;
    this.key = key;
  }

  /** True if {@code member} has compacted past {@code revision}: its compact revision is higher. */
  boolean isCompactedPast(Endpoint member, long revision) {
    if (revision < 1) {
      return isCompactedPast(member, 1);
    }
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(key)
            .setRevision(revision)
            .setCountOnly(true)
            .setSerializable(true)
            .build();
    try {
      connection.ask(member, KVGrpc.getRangeMethod(), request);
      return false;
    } catch (StoreException e) {
      if (e.code() == ErrorCode.COMPACTED) {
        return true;
      }
      if (e.code() == ErrorCode.FUTURE_REVISION) {
        return false;
      }
      throw e;
    }
  }

  /** The compact revision that the first member tells that can be reached; -1 for none. */
  public long compactRevision() throws InterruptedException {
    List<Endpoint> members = connection.endpoints();
    for (int i = 0; ; i++) {
      try {
        return newerThan(members.get(i), NOTHING).orElse(NOTHING);
      } catch (UnavailableException e) {
        if (i + 1 == members.size()) {
          throw e;
        }
      }
    }
  }

  /**
   * The member's compact revision if it is higher than {@code known}. A compaction at revision 1 or
   * below, which removes nothing, is never seen.
   */
  Optional<Long> newerThan(Endpoint member, long known) throws InterruptedException {
    if (!isCompactedPast(member, known)) {
      return Optional.empty();
    }
    try (KeyspaceWatch watch =
        KeyspaceWatch.open(connection, member, KeyRange.single(key), 1, PATIENCE)) {
      return watch
          .poll(PATIENCE)
          .filter(WatchResponse::getCanceled)
          .map(WatchResponse::getCompactRevision);
    }
  }
}
