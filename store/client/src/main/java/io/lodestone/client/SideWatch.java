package io.lodestone.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.Status;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The side thread of a stream: looks regularly at what a watch does not show (the head of a quiet
 * cluster, the compact revision, leases, users and roles) and leaves it in {@link Observations}.
 * What the user may not see is reported once and then left alone.
 */
final class SideWatch implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(SideWatch.class);

  private enum Topic {
    HEAD,
    COMPACTION,
    LEASES,
    AUTH
  }

  private interface Look {
    void look() throws InterruptedException;
  }

  private final EtcdConnection connection;
  private final Observations observations;
  private final FollowOptions options;
  private final Clock clock;
  private final CompactionProbe compactions;
  private final AuthFingerprint auth;
  private final LeaseBook leases;
  private final Set<Topic> forbidden = Collections.synchronizedSet(EnumSet.noneOf(Topic.class));
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Object lock = new Object();

  /** The member whose watch the stream reads; others may be behind it. */
  private volatile Endpoint member;

  /** The leases of the newest base that was delivered, not yet taken over by the side thread. */
  @GuardedBy("lock")
  private Optional<Collection<LeaseId>> delivered = Optional.empty();

  @GuardedBy("lock")
  private long leaseEpoch = -1;

  @GuardedBy("lock")
  private Optional<String> fingerprint = Optional.empty();

  @GuardedBy("lock")
  private long authEpoch = -1;

  private long nextAuthLook = System.nanoTime();

  SideWatch(
      EtcdConnection connection, Observations observations, FollowOptions options, Clock clock) {
    this.connection = connection;
    this.observations = observations;
    this.options = options;
    this.clock = clock;
    this.compactions = new CompactionProbe(connection);
    this.auth = new AuthFingerprint(connection);
    this.leases = new LeaseBook(connection, options.leaseRefreshInterval());
    this.member = connection.endpoints().get(0);
  }

  void watchMember(Endpoint endpoint) {
    member = endpoint;
  }

  /** Reader: {@code known} are the leases it has been told of; the stream now needs the changes. */
  void followLeases(long epoch, Collection<LeaseId> known) {
    synchronized (lock) {
      leaseEpoch = epoch;
      delivered = Optional.of(known);
    }
  }

  /** Tail thread: changes of users count from now, before the base is taken. */
  void followAuth(long epoch) throws InterruptedException {
    attempt(
        Topic.AUTH,
        () -> {
          String now = auth.read();
          synchronized (lock) {
            authEpoch = epoch;
            fingerprint = Optional.of(now);
          }
        });
  }

  @Override
  public void run() {
    try {
      do {
        attempt(Topic.HEAD, this::head);
        attempt(Topic.COMPACTION, this::compaction);
        attempt(Topic.LEASES, this::leases);
        attempt(Topic.AUTH, this::auth);
      } while (!stopped.await(options.heartbeatInterval().toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void stop() {
    stopped.countDown();
  }

  private void head() {
    if (observations.sinceMark().compareTo(options.heartbeatInterval()) >= 0) {
      Instant before = clock.instant();
      observations.head(new Observations.Head(connection.revision(), before));
    }
  }

  private void compaction() throws InterruptedException {
    long epoch = observations.epoch();
    compactions
        .newerThan(member, observations.compacted())
        .ifPresent(revision -> observations.compacted(epoch, revision, connection.revision()));
  }

  private void leases() {
    long epoch;
    synchronized (lock) {
      epoch = leaseEpoch;
      delivered.ifPresent(leases::restart);
      delivered = Optional.empty();
    }
    if (epoch == observations.epoch()) {
      observations.leases(epoch, leases.look(member));
    }
  }

  private void auth() {
    if (System.nanoTime() - nextAuthLook < 0) {
      return;
    }
    nextAuthLook = System.nanoTime() + options.authInterval().toNanos();
    Optional<String> before;
    long epoch;
    synchronized (lock) {
      before = fingerprint;
      epoch = authEpoch;
    }
    boolean changed = before.isPresent() && !before.get().equals(auth.read());
    if (changed && !options.ownAuthChanges().getAsBoolean()) {
      observations.authChanged(epoch);
    }
  }

  private void attempt(Topic topic, Look look) throws InterruptedException {
    if (forbidden.contains(topic) || stopped.getCount() == 0) {
      return;
    }
    try {
      look.look();
    } catch (LodestoneException e) {
      if (stopped.getCount() > 0 && !isPassing(e)) {
        forbidden.add(topic);
        log.atWarn()
            .addKeyValue("topic", topic)
            .addKeyValue("reason", e.getMessage())
            .addKeyValue("hint", e.hint())
            .log("cannot look at this beside the watch; going on without");
      }
    }
  }

  /** Trouble that the tail thread meets as well, and reports; the next look may succeed. */
  private static boolean isPassing(LodestoneException failure) {
    return failure instanceof UnavailableException
        || (failure instanceof StoreException refused
            && (refused.code().status() == Status.Code.UNAVAILABLE
                || Tokens.isStale(refused.code())));
  }
}
