package io.lodestone.backup.daemon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.backup.config.AgentConfig;
import io.lodestone.backup.config.AgentConfigFile;
import io.lodestone.backup.config.ClusterPlan;
import io.lodestone.backup.metrics.AgentMetrics;
import io.lodestone.backup.metrics.StatusPort;
import io.lodestone.client.FollowOptions;
import io.lodestone.repository.format.Holder;
import io.lodestone.settings.InvalidConfigException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backup agent of many clusters: a worker for each, their schedules, and the port that tells
 * how they do. Reads its settings again when told to. Thread-safe.
 */
public final class AgentDaemon implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentDaemon.class);
  private static final long SPOOL_MEMORY_BYTES = 16L << 20;
  private static final long SPOOL_DISK_BYTES = 8L << 30;

  private final AgentConfigFile file;
  private final Clock clock;
  private final AgentMetrics metrics;
  private final Schedules schedules;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<String, ClusterWorker> workers = new TreeMap<>();

  @GuardedBy("lock")
  private AgentConfig config;

  @GuardedBy("lock")
  private Optional<StatusPort> port = Optional.empty();

  private AgentDaemon(AgentConfigFile file, AgentConfig config, Clock clock, Schedules schedules) {
    this.file = file;
    this.config = config;
    this.clock = clock;
    this.metrics = new AgentMetrics(clock);
    this.schedules = schedules;
  }

  /**
   * Works from now on, until it is closed. Fails where the settings are refused or the port cannot
   * be had; a cluster or a repository that cannot be reached is a matter for its worker.
   */
  public static AgentDaemon start(AgentConfigFile file) {
    return start(file, file.read(), Clock.systemUTC(), QuartzSchedules.start());
  }

  /**
   * The same by a clock of the caller's, which gives every revision its time and says what has
   * expired. Takes {@code schedules} over.
   */
  static AgentDaemon start(AgentConfigFile file, Clock clock, Schedules schedules) {
    return start(file, file.read(), clock, schedules);
  }

  private static AgentDaemon start(
      AgentConfigFile file, AgentConfig config, Clock clock, Schedules schedules) {
    AgentDaemon daemon = new AgentDaemon(file, config, clock, schedules);
    boolean started = false;
    try {
      daemon.begin();
      started = true;
      return daemon;
    } finally {
      if (!started) {
        daemon.close();
      }
    }
  }

  private void begin() {
    synchronized (lock) {
      port = config.listen().map(address -> StatusPort.open(address, metrics));
      port.ifPresent(
          open ->
              LOG.atInfo()
                  .addKeyValue("port", open.address().getPort())
                  .log("serving /metrics and /health"));
      config.clusters().forEach(this::add);
    }
  }

  /** Where metrics and health are served, with the port that it got. */
  public Optional<InetSocketAddress> statusAddress() {
    synchronized (lock) {
      return port.map(StatusPort::address);
    }
  }

  /**
   * Reads the settings again. Clusters that have changed are begun anew, others are left alone.
   * Settings with a mistake change nothing: the log says what is wrong, and those from before hold.
   */
  public void reload() throws InterruptedException {
    AgentConfig next;
    try {
      next = file.read();
    } catch (InvalidConfigException e) {
      metrics.misconfigured();
      LOG.atError()
          .addKeyValue("reason", e.getMessage() + " " + e.hint())
          .log("the settings are refused; those from before hold");
      return;
    }
    synchronized (lock) {
      apply(next);
    }
    metrics.configured();
    LOG.atInfo()
        .addKeyValue("clusters", next.clusters().size())
        .log("the settings were read again");
  }

  @GuardedBy("lock")
  private void apply(AgentConfig next) throws InterruptedException {
    AgentConfig before = config;
    config = next;
    if (!next.listen().equals(before.listen())) {
      LOG.atWarn().log("'listen' has changed, which needs a new start");
    }
    boolean all =
        !next.agentId().equals(before.agentId())
            || !next.spoolDirectory().equals(before.spoolDirectory());
    List<ClusterPlan> same = new ArrayList<>(next.clusters());
    same.removeIf(plan -> all || !before.clusters().contains(plan));
    List<ClusterWorker> ending = new ArrayList<>(workers.values());
    ending.removeIf(worker -> same.contains(worker.plan()));
    end(ending);
    for (ClusterPlan plan : next.clusters()) {
      if (!same.contains(plan)) {
        add(plan);
      }
    }
  }

  @GuardedBy("lock")
  private void add(ClusterPlan plan) {
    long share = SPOOL_MEMORY_BYTES / config.clusters().size();
    FollowOptions follow =
        FollowOptions.in(config.spoolDirectory())
            .withSpool(Math.max(share, 1 << 20), SPOOL_DISK_BYTES);
    ClusterWorker worker =
        new ClusterWorker(plan, holder(), follow, metrics.add(plan.name()), schedules, clock);
    workers.put(plan.name(), worker);
    worker.start();
  }

  @GuardedBy("lock")
  private Holder holder() {
    try {
      String host = InetAddress.getLocalHost().getHostName();
      return new Holder(config.agentId(), host, ProcessHandle.current().pid());
    } catch (UnknownHostException e) {
      throw new InvalidConfigException(
          "this host does not know its own name", "enter it in /etc/hosts", e);
    }
  }

  @GuardedBy("lock")
  private void end(List<ClusterWorker> ending) throws InterruptedException {
    ending.forEach(ClusterWorker::stop);
    for (ClusterWorker worker : ending) {
      worker.join();
      workers.remove(worker.plan().name());
      metrics.remove(worker.plan().name());
    }
  }

  /** Seals what is complete, gives the leases back, and returns when all clusters are left. */
  @Override
  public void close() {
    synchronized (lock) {
      try {
        end(new ArrayList<>(workers.values()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      port.ifPresent(StatusPort::close);
      port = Optional.empty();
    }
    schedules.close();
  }
}
