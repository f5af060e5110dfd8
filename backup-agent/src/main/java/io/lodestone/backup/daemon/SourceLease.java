package io.lodestone.backup.daemon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveRequest;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.client.EtcdConnection;
import io.lodestone.repository.Lineage;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to back a cluster up into one repository, as a lease in that cluster. Its id is made
 * from the repository's address and the cluster's id, so that the cluster itself refuses it to a
 * second agent. It has no key: nothing appears in the keyspace, and no revision moves.
 *
 * <p>The lease is a courtesy between agents, not the fence: a paused agent may hold on to it in
 * error, and a cluster with a NOSPACE or CORRUPT alarm grants none. What must never happen is
 * prevented by the log's epoch. Thread-safe.
 */
final class SourceLease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SourceLease.class);
  private static final Duration TTL = Duration.ofSeconds(5);
  private static final Duration RENEW_EVERY = Duration.ofSeconds(1);

  /** How the cluster answers to who wants the lease. */
  enum Answer {
    /** It is ours now. */
    GRANTED,
    /** Another agent has it. */
    HELD,
    /** There is none to be had: the repository has to decide alone. */
    REFUSED
  }

  private final EtcdConnection connection;
  private final LeaseId id;
  private final ScheduledExecutorService renewals;
  private final Object lock = new Object();

  /** When the lease was last known to be ours, by {@code nanoTime}. */
  @GuardedBy("lock")
  private long knownNanos;

  @GuardedBy("lock")
  private boolean ours;

  @GuardedBy("lock")
  private boolean renewing;

  @GuardedBy("lock")
  private boolean warned;

  /**
   * @param connection stays the caller's to close
   * @param repository its address
   * @param prefix of the keys that are backed up; empty for all
   * @param thread the name of the thread that keeps the lease alive
   */
  SourceLease(
      EtcdConnection connection, String repository, Optional<ByteString> prefix, String thread) {
    this.connection = connection;
    this.id = id(repository, Lineage.history(connection.clusterId(), prefix));
    this.renewals =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread made = new Thread(work, thread);
              made.setDaemon(true);
              return made;
            });
  }

  /** The first 63 bits of a hash; zero would ask etcd to choose. */
  private static LeaseId id(String repository, long history) {
    String named = "lodestone backup\n" + repository + "\n" + Long.toHexString(history);
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(named.getBytes(StandardCharsets.UTF_8));
      long bits = ByteString.copyFrom(hash).asReadOnlyByteBuffer().getLong() & Long.MAX_VALUE;
      return new LeaseId(Math.max(bits, 1));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  LeaseId id() {
    return id;
  }

  /** Asks for the lease once. Asking while it is held costs the cluster no consensus round. */
  Answer tryAcquire() {
    if (isHeld()) {
      return Answer.HELD;
    }
    try {
      grant();
      return Answer.GRANTED;
    } catch (StoreException e) {
      if (e.code() == ErrorCode.LEASE_EXISTS) {
        return Answer.HELD;
      }
      if (e.code() == ErrorCode.NO_SPACE || e.code() == ErrorCode.CORRUPT) {
        LOG.atWarn()
            .addKeyValue("reason", e.code())
            .log("the cluster grants no lease; the repository alone decides who writes");
        return Answer.REFUSED;
      }
      throw e;
    }
  }

  private boolean isHeld() {
    LeaseTimeToLiveRequest request = LeaseTimeToLiveRequest.newBuilder().setID(id.value()).build();
    return connection.read(LeaseGrpc.getLeaseTimeToLiveMethod(), request).getTTL() >= 0;
  }

  private void grant() {
    long asked = System.nanoTime();
    connection.write(
        LeaseGrpc.getLeaseGrantMethod(),
        LeaseGrantRequest.newBuilder().setID(id.value()).setTTL(TTL.toSeconds()).build());
    know(asked);
  }

  private void know(long nanos) {
    synchronized (lock) {
      ours = true;
      warned = false;
      knownNanos = nanos;
    }
  }

  /** Renews the lease from now on, and asks for it where there is none. Harmless when repeated. */
  void keepAlive() {
    synchronized (lock) {
      if (renewing) {
        return;
      }
      renewing = true;
    }
    Future<?> unused =
        renewals.scheduleWithFixedDelay(
            this::renew, RENEW_EVERY.toMillis(), RENEW_EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void renew() {
    try {
      long asked = System.nanoTime();
      LeaseKeepAliveRequest request = LeaseKeepAliveRequest.newBuilder().setID(id.value()).build();
      if (connection.read(LeaseGrpc.getLeaseKeepAliveMethod(), request).getTTL() > 0) {
        know(asked);
      } else {
        grant();
      }
    } catch (LodestoneException e) {
      lost(e);
    }
  }

  private void lost(LodestoneException reason) {
    synchronized (lock) {
      if (warned) {
        return;
      }
      warned = true;
    }
    LOG.atWarn()
        .addKeyValue("lease", id)
        .addKeyValue("reason", reason.getMessage())
        .log("cannot renew the lease; another agent may take over");
  }

  /** Another agent has it now: leaves it alone. */
  void forget() {
    synchronized (lock) {
      ours = false;
    }
  }

  /** Gives the lease back where it surely is still ours; otherwise it runs out by itself. */
  @Override
  public void close() {
    renewals.shutdownNow();
    synchronized (lock) {
      if (!ours || System.nanoTime() - knownNanos > TTL.toNanos()) {
        return;
      }
      ours = false;
    }
    try {
      connection.write(
          LeaseGrpc.getLeaseRevokeMethod(),
          LeaseRevokeRequest.newBuilder().setID(id.value()).build());
    } catch (LodestoneException e) {
      LOG.atDebug().setCause(e).log("the lease was not given back, and will run out");
    }
  }
}
