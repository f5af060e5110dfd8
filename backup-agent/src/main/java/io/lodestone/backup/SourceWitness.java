package io.lodestone.backup;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.UnavailableException;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import io.lodestone.repository.SourceHash;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the source itself testify to what was captured: its hash of a durable revision is kept beside
 * the log, for drills and verification to find again. Thread-safe.
 */
public final class SourceWitness {
  private static final Logger LOG = LoggerFactory.getLogger(SourceWitness.class);

  private final EtcdConnection connection;
  private final Repository repository;
  private final Clock clock;

  /** Both stay the caller's to close. */
  public SourceWitness(EtcdConnection connection, Repository repository, Clock clock) {
    this.connection = connection;
    this.repository = repository;
    this.clock = clock;
  }

  /**
   * Asks one member after the other for its hash of {@code revision}, and keeps the first answer:
   * durable when this returns. Empty where the source has compacted past the revision, no member
   * has come to it yet, or no key was alive at it: what etcd hashes then depends on more than the
   * revision. Each member reads its whole database for it.
   */
  public Optional<SourceHash> attest(Lineage lineage, long revision) throws IOException {
    Optional<UnavailableException> unreachable = Optional.empty();
    for (Endpoint member : connection.endpoints()) {
      try {
        Optional<SourceHash> hash = ask(member, revision);
        if (hash.isPresent()) {
          repository.keepSourceHash(lineage, hash.get());
        }
        return hash;
      } catch (UnavailableException e) {
        unreachable = Optional.of(e);
      } catch (StoreException e) {
        if (e.code() == ErrorCode.COMPACTED) {
          LOG.atInfo()
              .addKeyValue("revision", revision)
              .log("the source has compacted past a revision before it was asked for its hash");
          return Optional.empty();
        }
        if (e.code() != ErrorCode.FUTURE_REVISION) {
          throw e;
        }
      }
    }
    if (unreachable.isPresent()) {
      throw unreachable.get();
    }
    return Optional.empty();
  }

  private Optional<SourceHash> ask(Endpoint member, long revision) {
    if (!connection.holdsKeys(member, revision)) {
      return Optional.empty();
    }
    HashKVResponse answer = connection.hashKv(member, revision);
    return Optional.of(
        new SourceHash(
            revision,
            answer.getCompactRevision(),
            Integer.toUnsignedLong(answer.getHash()),
            member.toString(),
            clock.instant()));
  }
}
