package io.lodestone.backup.metrics;

import io.lodestone.backup.AgentListener;
import io.lodestone.backup.config.Task;
import io.lodestone.repository.Lineage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What one cluster's metrics are made of. Its worker's thread writes, but for tasks and stored
 * objects, which are counted from any. Thread-safe.
 */
public final class ClusterMetrics implements AgentListener {
  private final Clock clock;
  private final Map<Task, TaskFacts> tasks = new ConcurrentHashMap<>();
  private final LongAdder takeovers = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder objects = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private volatile OptionalDouble restoreSeconds = OptionalDouble.empty();
  private volatile OptionalLong provedRevision = OptionalLong.empty();
  private volatile Standing standing = new Standing(State.STARTING, "");
  private volatile Log log = Log.NONE;

  private record Standing(State state, String reason) {}

  /** How far this agent has come with the log that it writes. */
  private record Log(long captured, long durable, Optional<Instant> at, long waitingBytes) {
    static final Log NONE = new Log(0, 0, Optional.empty(), 0);
  }

  /** What is known about one task; times in seconds since 1970, 0 for never. */
  record TaskFacts(double lastSuccess, double lastSeconds, long failures) {
    static final TaskFacts NONE = new TaskFacts(0, 0, 0);
  }

  ClusterMetrics(Clock clock) {
    this.clock = clock;
  }

  @Override
  public void writing(Lineage lineage, long revision) {
    log = new Log(revision, revision, Optional.empty(), 0);
    standing = new Standing(State.WRITING, "");
  }

  @Override
  public void complete(long revision) {
    Log before = log;
    log = new Log(revision, before.durable, before.at, before.waitingBytes);
  }

  @Override
  public void durable(long revision, Instant at, long waitingBytes) {
    log = new Log(Math.max(revision, log.captured), revision, Optional.of(at), waitingBytes);
  }

  /** Another agent writes. */
  public void standby(String why) {
    become(State.STANDBY, why);
  }

  /** The agent can do nothing for this cluster now. */
  public void failed(String reason) {
    failures.increment();
    become(State.FAILING, reason);
  }

  private void become(State state, String reason) {
    standing = new Standing(state, reason);
    log = Log.NONE;
  }

  /** It has begun to write in the place of another agent. */
  public void tookOver() {
    takeovers.increment();
  }

  public void taskDone(Task task, Duration elapsed) {
    double now = clock.millis() / 1000.0;
    double seconds = elapsed.toMillis() / 1000.0;
    tasks.merge(
        task,
        new TaskFacts(now, seconds, 0),
        (before, done) -> new TaskFacts(now, seconds, before.failures()));
  }

  public void taskFailed(Task task) {
    tasks.merge(
        task,
        new TaskFacts(0, 0, 1),
        (before, failed) ->
            new TaskFacts(before.lastSuccess(), before.lastSeconds(), before.failures() + 1));
  }

  /** How many seconds restoring the newest point may take. */
  public void predicted(double seconds) {
    restoreSeconds = OptionalDouble.of(seconds);
  }

  /** The newest revision that a drill has restored. */
  public void proved(long revision) {
    provedRevision = OptionalLong.of(revision);
  }

  OptionalDouble restoreSeconds() {
    return restoreSeconds;
  }

  OptionalLong provedRevision() {
    return provedRevision;
  }

  void stored(long sizeBytes) {
    objects.increment();
    bytes.add(sizeBytes);
  }

  public State state() {
    return standing.state;
  }

  /** Why it fails, or whom it waits for; may be empty. */
  public String reason() {
    return standing.reason;
  }

  /**
   * How much would be lost if the cluster vanished now: the time since everything that is durable
   * was all there was. Empty where this agent does not write, or has made nothing durable yet.
   */
  public Optional<Duration> recoveryPoint() {
    return log.at.map(
        at -> {
          Duration age = Duration.between(at, clock.instant());
          return age.isNegative() ? Duration.ZERO : age;
        });
  }

  long capturedRevision() {
    return log.captured;
  }

  long durableRevision() {
    return log.durable;
  }

  long waitingBytes() {
    return log.waitingBytes;
  }

  long takeovers() {
    return takeovers.sum();
  }

  long failures() {
    return failures.sum();
  }

  long objects() {
    return objects.sum();
  }

  long bytes() {
    return bytes.sum();
  }

  TaskFacts task(Task task) {
    return tasks.getOrDefault(task, TaskFacts.NONE);
  }
}
