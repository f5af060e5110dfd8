package io.lodestone.backup.metrics;

import io.lodestone.backup.config.Task;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.ToDoubleFunction;

/**
 * An agent's metrics, all beginning with {@code lodestone_agent_}. Those about a log have a series
 * only where this agent writes it, so that {@code max by (cluster)} over all agents tells the
 * truth. Thread-safe.
 */
public final class AgentMetrics {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Map<String, ClusterMetrics> clusters = new ConcurrentSkipListMap<>();
  private final Clock clock;
  private volatile boolean configValid = true;
  private volatile double configLoaded;

  public AgentMetrics(Clock clock) {
    this.clock = clock;
    configured();
    registerLog();
    registerAgent();
    registerTasks();
    registerProofs();
  }

  /** From now on this cluster is told about. */
  public ClusterMetrics add(String cluster) {
    ClusterMetrics added = new ClusterMetrics(clock);
    clusters.put(cluster, added);
    return added;
  }

  public void remove(String cluster) {
    clusters.remove(cluster);
  }

  /** The settings were read, and hold. */
  public void configured() {
    configValid = true;
    configLoaded = clock.millis() / 1000.0;
  }

  /** The settings were read again and refused; those from before hold. */
  public void misconfigured() {
    configValid = false;
  }

  PrometheusRegistry registry() {
    return registry;
  }

  Map<String, ClusterMetrics> clusters() {
    return clusters;
  }

  private void registerLog() {
    GaugeWithCallback.builder()
        .name("lodestone_agent_recovery_point_seconds")
        .help("How much would be lost if the cluster vanished now (RPO).")
        .labelNames("cluster")
        .callback(
            callback ->
                clusters.forEach(
                    (name, cluster) ->
                        cluster
                            .recoveryPoint()
                            .ifPresent(age -> callback.call(age.toMillis() / 1000.0, name))))
        .register(registry);
    written(
        "captured_revision",
        "The last revision that has arrived.",
        ClusterMetrics::capturedRevision);
    written(
        "durable_revision",
        "The last revision that is in the repository.",
        ClusterMetrics::durableRevision);
    written(
        "lag_revisions",
        "Revisions that have arrived and are not in the repository.",
        cluster -> (double) (cluster.capturedRevision() - cluster.durableRevision()));
    written(
        "waiting_bytes",
        "Changes that wait on the agent's disk, at the last seal.",
        ClusterMetrics::waitingBytes);
  }

  /** A gauge of clusters whose log this agent writes. */
  private void written(String name, String help, ToDoubleFunction<ClusterMetrics> value) {
    GaugeWithCallback.builder()
        .name("lodestone_agent_" + name)
        .help(help)
        .labelNames("cluster")
        .callback(
            callback ->
                clusters.forEach(
                    (named, cluster) -> {
                      if (cluster.state() == State.WRITING) {
                        callback.call(value.applyAsDouble(cluster), named);
                      }
                    }))
        .register(registry);
  }

  private void registerAgent() {
    GaugeWithCallback.builder()
        .name("lodestone_agent_state")
        .help("1 for the state that the agent is in for a cluster, 0 for the others.")
        .labelNames("cluster", "state")
        .callback(
            callback ->
                clusters.forEach(
                    (name, cluster) -> {
                      State now = cluster.state();
                      for (State state : State.values()) {
                        callback.call(state == now ? 1 : 0, name, state.label());
                      }
                    }))
        .register(registry);
    counter("takeovers", "Times it began to write in another's place.", ClusterMetrics::takeovers);
    counter("failures", "Times it had to begin anew after a pause.", ClusterMetrics::failures);
    counter("stored_objects", "Objects written to the repository.", ClusterMetrics::objects);
    counter("stored_bytes", "Bytes written to the repository.", ClusterMetrics::bytes);
    GaugeWithCallback.builder()
        .name("lodestone_agent_config_valid")
        .help("0 where the settings were read again and refused.")
        .callback(callback -> callback.call(configValid ? 1 : 0))
        .register(registry);
    GaugeWithCallback.builder()
        .name("lodestone_agent_config_loaded_timestamp_seconds")
        .help("When the settings that hold were read.")
        .callback(callback -> callback.call(configLoaded))
        .register(registry);
  }

  private void counter(String name, String help, ToDoubleFunction<ClusterMetrics> value) {
    CounterWithCallback.builder()
        .name("lodestone_agent_" + name)
        .help(help)
        .labelNames("cluster")
        .callback(
            callback ->
                clusters.forEach(
                    (named, cluster) -> callback.call(value.applyAsDouble(cluster), named)))
        .register(registry);
  }

  private void registerTasks() {
    GaugeWithCallback.builder()
        .name("lodestone_agent_task_success_timestamp_seconds")
        .help("When a scheduled task last succeeded here; 0 for not since the start.")
        .labelNames("cluster", "task")
        .callback(
            callback -> eachTask((facts, labels) -> callback.call(facts.lastSuccess(), labels)))
        .register(registry);
    GaugeWithCallback.builder()
        .name("lodestone_agent_task_seconds")
        .help("How long it took.")
        .labelNames("cluster", "task")
        .callback(
            callback -> eachTask((facts, labels) -> callback.call(facts.lastSeconds(), labels)))
        .register(registry);
    CounterWithCallback.builder()
        .name("lodestone_agent_task_failures")
        .help("Times a scheduled task failed.")
        .labelNames("cluster", "task")
        .callback(
            callback ->
                eachTask((facts, labels) -> callback.call((double) facts.failures(), labels)))
        .register(registry);
  }

  /** What only drills can tell has no series before the first one. */
  private void registerProofs() {
    GaugeWithCallback.builder()
        .name("lodestone_agent_proved_revision")
        .help("The newest revision that a drill of this agent has restored.")
        .labelNames("cluster")
        .callback(
            callback ->
                clusters.forEach(
                    (name, cluster) ->
                        cluster
                            .provedRevision()
                            .ifPresent(revision -> callback.call((double) revision, name))))
        .register(registry);
    GaugeWithCallback.builder()
        .name("lodestone_agent_predicted_restore_seconds")
        .help("How long restoring the newest point may take, by the speed of the last drill.")
        .labelNames("cluster")
        .callback(
            callback ->
                clusters.forEach(
                    (name, cluster) ->
                        cluster.restoreSeconds().ifPresent(time -> callback.call(time, name))))
        .register(registry);
  }

  private interface EachTask {
    void tell(ClusterMetrics.TaskFacts facts, String... labels);
  }

  private void eachTask(EachTask each) {
    clusters.forEach(
        (name, cluster) -> {
          for (Task task : Task.values()) {
            each.tell(cluster.task(task), name, task.label());
          }
        });
  }
}
