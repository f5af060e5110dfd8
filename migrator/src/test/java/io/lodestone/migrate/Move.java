package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.etcdfile.member.ClusterSpec;
import io.lodestone.etcdfile.member.MemberSpec;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.NetworkLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A stock source, the plan of a stock destination, and a migration between them, which may run on a
 * thread of its own.
 */
final class Move implements AutoCloseable {
  /** Each hash reads a whole database. */
  private static final long HASHED_REVISIONS = 400;

  static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String TOKEN = "moved";

  final EtcdCluster source;
  final EtcdConnection old;
  final Path directory;
  private final UnaryOperator<ClientOptions> login;
  private final EtcdCluster.Plan plan;
  private final Map<Phase, Boolean> entered = new ConcurrentHashMap<>();
  private Consumer<Phase> onPhase = phase -> {};
  private boolean ownsSource = true;
  private boolean wayBack;
  private boolean running;
  private boolean late;
  private FenceKind fence = FenceKind.ALARM;
  private MigrationOptions.Hooks hooks = MigrationOptions.Hooks.NONE;
  private final List<NetworkLink> toSource = new ArrayList<>();
  private final List<NetworkLink> toDestination = new ArrayList<>();
  private Optional<EtcdCluster> destination = Optional.empty();
  private CompletableFuture<Void> newest = new CompletableFuture<>();
  private Optional<EtcdConnection> fresh = Optional.empty();

  Move(EtcdCluster source, EtcdRelease to, int members, Path folder, String... flags) {
    this(source, to, members, folder, UnaryOperator.identity(), flags);
  }

  /**
   * @param login adds a user, whom both sides know
   */
  Move(
      EtcdCluster source,
      EtcdRelease to,
      int members,
      Path folder,
      UnaryOperator<ClientOptions> login,
      String... flags) {
    this.source = source;
    this.login = login;
    this.old = EtcdConnection.open(login.apply(reach(source.endpoints())));
    this.directory = folder.resolve("migration");
    this.plan =
        EtcdCluster.of(to, folder.resolve("destination"))
            .members(members)
            .token(TOKEN)
            .flags("--experimental-enable-lease-checkpoint")
            .flags(flags);
  }

  private static ClientOptions reach(List<String> endpoints) {
    return ClientOptions.of(endpoints.toArray(String[]::new));
  }

  static EtcdConnection connect(List<String> endpoints) {
    return EtcdConnection.open(reach(endpoints));
  }

  /** The source is the caller's to close. */
  void leaveSourceOpen() {
    ownsSource = false;
  }

  /** Called on the migration's thread at the beginning of each phase. */
  Move onPhase(Consumer<Phase> action) {
    onPhase = action;
    return this;
  }

  Move fencedBy(FenceKind kind) {
    fence = kind;
    return this;
  }

  /** The destination runs already, and is empty. */
  Move intoRunning() throws IOException, InterruptedException {
    running = true;
    destination = Optional.of(plan.start());
    awaitAnswer(fresh());
    return this;
  }

  /** Waits until {@code cluster} answers. */
  static void awaitAnswer(EtcdConnection cluster) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(LodestoneException.class)
        .until(() -> cluster.revision() > 0);
  }

  /** The migration, and nobody else, reaches both sides over links that can fail. */
  Move linked() throws IOException {
    for (String member : source.endpoints()) {
      toSource.add(NetworkLink.to(member));
    }
    for (String member : plan.endpoints()) {
      toDestination.add(NetworkLink.to(member));
    }
    return this;
  }

  /** One to each member. */
  List<NetworkLink> linksToSource() {
    return List.copyOf(toSource);
  }

  /** One to each member. */
  List<NetworkLink> linksToDestination() {
    return List.copyOf(toDestination);
  }

  private static List<String> over(List<NetworkLink> links, List<String> members) {
    return links.isEmpty() ? members : links.stream().map(NetworkLink::endpoint).toList();
  }

  Move keepingTheWayBack() {
    wayBack = true;
    return this;
  }

  /** Its data are written behind the fence. */
  Move seededLate() {
    late = true;
    return this;
  }

  boolean isSeededLate() {
    return late;
  }

  Move with(MigrationOptions.Hooks commands) {
    hooks = commands;
    return this;
  }

  EtcdCluster.Plan plan() {
    return plan;
  }

  EtcdSeed seed() {
    return seed(plan.peerUrls(), plan.dataDir("m1").getParent());
  }

  static EtcdSeed seed(Map<String, String> peerUrls, Path folder) {
    List<MemberSpec> members = new ArrayList<>();
    Map<String, Path> directories = new HashMap<>();
    peerUrls.forEach(
        (name, url) -> {
          members.add(new MemberSpec(name, List.of(url)));
          directories.put(name, folder.resolve(name));
        });
    return new EtcdSeed(new ClusterSpec(TOKEN, members), directories);
  }

  static MigrationOptions options(
      List<String> from, List<String> to, Path directory, Optional<Seed> seed, boolean cutover) {
    return options(from, to, directory, seed, false, cutover);
  }

  static MigrationOptions options(
      List<String> from,
      List<String> to,
      Path directory,
      Optional<Seed> seed,
      boolean late,
      boolean cutover) {
    return new MigrationOptions(
        reach(from),
        reach(to),
        directory,
        seed,
        late,
        FenceKind.ALARM,
        MigrationOptions.Hooks.NONE,
        cutover,
        false,
        PATIENCE,
        Duration.ofMillis(200),
        Duration.ZERO);
  }

  Migration migration(boolean cutover) {
    MigrationOptions plain =
        options(
            over(toSource, source.endpoints()),
            over(toDestination, plan.endpoints()),
            directory,
            running ? Optional.empty() : Optional.of(seed()),
            late,
            cutover);
    MigrationOptions options =
        new MigrationOptions(
            login.apply(plain.source()),
            login.apply(plain.destination()),
            directory,
            plain.seed(),
            plain.lateSeed(),
            fence,
            hooks,
            cutover,
            wayBack,
            plain.patience(),
            plain.lookInterval(),
            plain.leaseGrace());
    return new Migration(options, new Listener());
  }

  private final class Listener implements MigrationListener {
    @Override
    public void entered(Phase phase) {
      entered.put(phase, true);
      onPhase.accept(phase);
    }

    @Override
    public void progress(MigrationStatus status) {}
  }

  /** Runs a migration on a thread of its own; fails as the run does. */
  CompletableFuture<Void> start(Migration migration) {
    newest =
        CompletableFuture.runAsync(
            () -> {
              try {
                migration.run();
              } catch (IOException | InterruptedException e) {
                throw new CompletionException(e);
              }
            },
            task -> new Thread(task, "migration").start());
    return newest;
  }

  /** Waits for a phase to begin; fails if the run ends before. */
  void awaitPhase(CompletableFuture<Void> run, Phase phase) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              if (run.isCompletedExceptionally()) {
                run.join();
              }
              return entered.containsKey(phase);
            });
  }

  /** Starts the destination as soon as its data are there; fails if the run ends before. */
  EtcdCluster startDestination() throws IOException, InterruptedException {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              if (newest.isCompletedExceptionally()) {
                newest.join();
              }
              return seed().targets().stream().allMatch(Files::exists);
            });
    destination = Optional.of(plan.start());
    return destination.get();
  }

  /** Stops the destination and starts it again, with further flags. */
  void restartDestination(String... flags) throws IOException, InterruptedException {
    destination().close();
    plan.flags(flags);
    destination = Optional.of(plan.start());
  }

  EtcdCluster destination() {
    return destination.orElseThrow();
  }

  EtcdConnection fresh() {
    if (fresh.isEmpty()) {
      fresh = Optional.of(EtcdConnection.open(login.apply(reach(plan.endpoints()))));
    }
    return fresh.get();
  }

  MigrationReport report() throws IOException {
    return MigrationReport.of(new MigrationDirectory(directory).entries());
  }

  static long put(EtcdConnection cluster, String key, String value) {
    PutRequest put =
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setValue(ByteString.copyFromUtf8(value))
            .build();
    return cluster.write(KVGrpc.getPutMethod(), put).getHeader().getRevision();
  }

  static String get(EtcdConnection cluster, String key) {
    RangeRequest get = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
    return cluster.read(KVGrpc.getRangeMethod(), get).getKvs(0).getValue().toStringUtf8();
  }

  /** The source takes writes, and nobody would think that it was ever fenced. */
  void assertSourceTakesWrites() {
    long before = old.revision();
    assertThat(put(old, "after", "abort")).isGreaterThan(before);
    assertThat(AlarmFence.alarms(old)).isEmpty();
  }

  /**
   * All members of both sides hash alike at every revision above the compacted one; of very many
   * revisions, at the last and at some hundreds before.
   */
  void assertEqualAtEveryRevision() {
    Endpoint first = old.endpoints().get(0);
    long head = old.revision();
    long oldest = Math.max(1, old.hashKv(first, 0).getCompactRevision() + 1);
    long step = 1 + (head - oldest) / HASHED_REVISIONS;
    for (long revision = head; revision >= oldest; revision -= step) {
      HashKVResponse expected = old.hashKv(first, revision);
      for (EtcdConnection side : List.of(old, fresh())) {
        for (Endpoint member : side.endpoints()) {
          HashKVResponse found = side.hashKv(member, revision);
          assertThat(found.getHash())
              .as("HashKV of %s at %d, of %d to %d", member, revision, oldest, head)
              .isEqualTo(expected.getHash());
          assertThat(found.getCompactRevision()).isEqualTo(expected.getCompactRevision());
        }
      }
    }
  }

  static LodestoneException failure(CompletableFuture<Void> run) {
    Throwable failure = run.handle((done, why) -> why).join();
    assertThat(failure).isNotNull();
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    assertThat(cause).isInstanceOf(LodestoneException.class);
    return (LodestoneException) cause;
  }

  @Override
  public void close() throws IOException {
    for (NetworkLink link : toSource) {
      link.close();
    }
    for (NetworkLink link : toDestination) {
      link.close();
    }
    old.close();
    fresh.ifPresent(EtcdConnection::close);
    destination.ifPresent(EtcdCluster::close);
    if (ownsSource) {
      source.close();
    }
  }
}
