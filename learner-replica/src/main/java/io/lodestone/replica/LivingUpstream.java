package io.lodestone.replica;

import io.grpc.Channel;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.client.EtcdConnection;
import io.lodestone.server.forward.Upstream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The source as the server sees it; one thread asks it. Thread-safe. */
final class LivingUpstream implements Upstream, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LivingUpstream.class);

  /** etcd's own for requests: 5 s, and 1 s twice for an election. */
  private static final long PATIENCE_MILLIS = 7000;

  private static final long STATUS_MILLIS = 1000;

  private final EtcdConnection connection;
  private final Clock clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "replica-head");
            made.setDaemon(true);
            return made;
          });
  private final SourceHead head;
  private volatile StatusResponse status = StatusResponse.getDefaultInstance();
  private volatile Instant current = Instant.EPOCH;
  private volatile Optional<String> fault = Optional.empty();

  /** {@code connection} stays the caller's to close. */
  LivingUpstream(EtcdConnection connection, Clock clock) {
    this.connection = connection;
    this.clock = clock;
    this.head = new SourceHead(connection::revision, thread, PATIENCE_MILLIS);
  }

  /** Asks for the source's leader now, and regularly from now on. */
  void start() {
    look();
    var unused =
        thread.scheduleWithFixedDelay(
            this::look, STATUS_MILLIS, STATUS_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      status =
          connection.read(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance());
    } catch (LodestoneException e) {
      status = status.toBuilder().setLeader(0).build();
      LOG.atDebug().setCause(e).log("the source does not tell its status");
    }
  }

  /** Everything up to {@code revision} is visible here. */
  void reached(long revision) {
    head.applied(revision);
  }

  /** The copy was what the source was at {@code moment}. */
  void current(Instant moment) {
    current = moment;
  }

  /** From now on a person is needed, and for what. */
  void faulty(String why) {
    fault = Optional.of(why);
  }

  @Override
  public Channel channel() {
    return connection.channelWithoutLogin();
  }

  @Override
  public CompletableFuture<Void> readBarrier() {
    return head.barrier();
  }

  @Override
  public long term() {
    return status.getRaftTerm();
  }

  @Override
  public long leader() {
    return status.getLeader();
  }

  @Override
  public Optional<String> fault() {
    return fault;
  }

  @Override
  public Duration staleness() {
    return Duration.between(current, clock.instant());
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
