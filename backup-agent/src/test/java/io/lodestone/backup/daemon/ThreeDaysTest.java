package io.lodestone.backup.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.MoveLeaderRequest;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.backup.daemon.RecordedHistory.Change;
import io.lodestone.etcdfile.db.EtcdDatabase;
import io.lodestone.etcdfile.member.ClusterSpec;
import io.lodestone.etcdfile.member.MemberDirectorySink;
import io.lodestone.etcdfile.member.MemberSpec;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FlakyHttpProxy;
import io.lodestone.peers.ResumingWatch;
import io.lodestone.peers.S3Server;
import io.lodestone.peers.Workload;
import io.lodestone.repository.CompactionReport;
import io.lodestone.repository.CopyReport;
import io.lodestone.repository.CopySettings;
import io.lodestone.repository.Description.BaseDescription;
import io.lodestone.repository.Description.LineageDescription;
import io.lodestone.repository.ExpiryReport;
import io.lodestone.repository.Levels;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Position;
import io.lodestone.repository.Proof;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositorySource;
import io.lodestone.repository.RetentionPolicy;
import io.lodestone.repository.VerifyReport;
import io.lodestone.repository.WriterSettings;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.Credentials;
import io.lodestone.repository.objects.ObjectStores;
import io.lodestone.restore.Transfer;
import io.lodestone.restore.TransferReport;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Days of a cluster of three and of two agents, in minutes: everything that is scheduled happens
 * while agents die, move, stand still and are cut off from either side, members and leaders change,
 * and the object store is at its worst. In the end every promised revision is what a client saw,
 * and nothing that is not promised is left.
 */
@Tag("once")
final class ThreeDaysTest {
  private static final Logger LOG = LoggerFactory.getLogger(ThreeDaysTest.class);
  private static final int HOURS = Integer.getInteger("lodestone.life", 4);
  private static final long SEED = Long.getLong("lodestone.life.seed", 1);
  private static final String RELEASE = System.getProperty("lodestone.life.release", "3.5");

  /** How many seconds of a life make one real one. */
  private static final int SPEED = Integer.getInteger("lodestone.life.speed", 300);

  private static final double CALM = 0.01;
  private static final double STORM = 0.15;
  private static final Duration STEP = Duration.ofMinutes(6);
  private static final Duration KEPT_BY_SOURCE = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int SAMPLES = 12;
  private static final int POINTS = 30;

  private static final int ANY_POINT = Math.max(1, HOURS / 3);
  private static final RetentionPolicy KEEP =
      RetentionPolicy.parse("any point for " + ANY_POINT + " h, hourly for " + 2 * ANY_POINT + "h");

  @TempDir Path folder;

  private final Random random = new Random(SEED);
  private final FastClock clock =
      new FastClock(Instant.now(), Instant.parse("2026-03-01T00:00:00Z"), SPEED);
  private final List<LifeAgent> agents = new ArrayList<>();
  private final List<Sample> samples = new ArrayList<>();

  /** Which revisions the source had when. */
  private final Deque<Sample> compactable = new ArrayDeque<>();

  private S3Server store;
  private EtcdCluster source;

  /** What a member said of itself. */
  private record Sample(Instant at, long revision, int hash, long compactRevision) {}

  /** What happens, in pairs: it begins, and ends. */
  private enum Trouble {
    AGENT_KILLED,
    AGENT_MOVED,
    AGENT_PAUSED,
    STORE_CUT,
    STORE_STORMY,
    SOURCE_CUT,
    SOURCE_SILENT,
    LEADER_KILLED,
    MEMBER_KILLED,
    LEADER_MOVED
  }

  @Test
  void everyPromisedRevisionIsRestoredAsItWasAndNothingElseIsKept() throws Exception {
    LOG.atWarn().addKeyValue("seed", SEED).addKeyValue("hours", HOURS).log("a life begins");
    store = S3Server.start(Files.createDirectory(folder.resolve("s3")));
    source = EtcdCluster.of(EtcdRelease.of(RELEASE), folder.resolve("source")).members(3).start();
    try (ResumingWatch seen = ResumingWatch.from(channels(), 1)) {
      long proved = live();
      agents.forEach(LifeAgent::stop);
      long last = durable();
      await().atMost(PATIENCE).until(() -> seen.lastRevision() >= last);
      assertThat(seen.missed()).isEmpty();
      check(new RecordedHistory(seen.events()), proved);
    }
  }

  private List<ManagedChannel> channels() {
    return IntStream.range(0, 3).mapToObj(source::channel).toList();
  }

  @AfterEach
  void endProcesses() throws IOException {
    for (LifeAgent agent : agents) {
      agent.close();
    }
    if (source != null) {
      source.close();
    }
    if (store != null) {
      store.close();
    }
  }

  /** Returns a revision that was proved when all troubles were over. */
  private long live() throws Exception {
    startAgent("one");
    startAgent("two");
    Map<Trouble, Integer> troubles = new EnumMap<>(Trouble.class);
    try (Workload workload = Workload.start(SEED, 30, false, channels().subList(0, 2))) {
      await().atMost(PATIENCE).until(() -> durable() > 1);
      Instant end = clock.instant().plus(Duration.ofHours(HOURS));
      Instant first = oldestBase();
      Deque<Trouble> next = new ArrayDeque<>();
      while (clock.instant().isBefore(end)) {
        if (next.isEmpty()) {
          next.addAll(shuffled());
        }
        Trouble trouble = next.remove();
        meet(trouble, agents.get(random.nextInt(agents.size())));
        troubles.merge(trouble, 1, Integer::sum);
      }
      for (LifeAgent agent : agents) {
        agent.store().trouble(0);
      }
      source.awaitReady();
      long last =
          await()
              .atMost(PATIENCE)
              .until(this::sample, Optional::isPresent)
              .orElseThrow()
              .revision();
      // On a busy machine, agents do less in a life so short.
      passUntil("a base was let go", () -> oldestBase().isAfter(first));
      passUntil("revision " + last + " is proved", () -> proved() >= last);
      assertThat(workload.writes()).isGreaterThan(HOURS * 20L);
      LOG.atWarn()
          .addKeyValue("troubles", troubles)
          .addKeyValue("faults", agents.stream().map(agent -> agent.store().happened()).toList())
          .log("a life was lived");
      return last;
    }
  }

  /** Life goes on meanwhile, so that what is promised in the end was lived through. */
  private void passUntil(String what, Callable<Boolean> done) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!done.call()) {
      assertThat(System.nanoTime() - deadline).as("%s: %s", what, outputs()).isNegative();
      pass(STEP);
    }
  }

  private List<Trouble> shuffled() {
    List<Trouble> all = new ArrayList<>(List.of(Trouble.values()));
    Collections.shuffle(all, random);
    return all;
  }

  private void startAgent(String name) throws IOException {
    FlakyHttpProxy proxy = new FlakyHttpProxy(random.nextLong());
    proxy.trouble(CALM);
    Path access = Files.writeString(folder.resolve("access"), store.accessKey());
    Path secret = Files.writeString(folder.resolve("secret"), store.secretKey());
    agents.add(
        new LifeAgent(
            folder,
            name,
            clock,
            proxy,
            source.endpoints(),
            List.of(
                "repository: {address: '"
                    + address()
                    + "', access-key-file: "
                    + access
                    + ", secret-key-file: "
                    + secret
                    + "}",
                "seal-interval: 200ms",
                "idle-interval: 1s",
                "copy-to: " + folder.resolve("copy"),
                "keep: any point for " + ANY_POINT + " h, hourly for " + 2 * ANY_POINT + " h",
                "schedules:",
                "  base: '0 0 0/3 * * ?'",
                "  synthesize: '0 30 * * * ?'",
                "  compact: '0 0/10 * * * ?'",
                "  expire: '0 5/20 * * * ?'",
                "  copy: '0 15/30 * * * ?'",
                "  verify: '0 45 0/2 * * ?'",
                "  drill: '0 20/30 * * * ?'")));
  }

  private String address() {
    return "s3://" + store.bucket() + "/prod?endpoint=" + store.endpoint();
  }

  /** Without any trouble on the way. */
  private Repository repository() throws IOException {
    return Repository.open(
        ObjectStores.open(address(), new Credentials(store.accessKey(), store.secretKey())));
  }

  private Repository copy() throws IOException {
    return Repository.open(ObjectStores.open(folder.resolve("copy").toString()));
  }

  private static Lineage only(Repository repository) throws IOException {
    assertThat(repository.lineages()).hasSize(1);
    return repository.lineages().get(0);
  }

  /** The last durable revision; 0 where there is none yet. */
  private long durable() throws IOException {
    try (Repository repository = repository()) {
      return repository.lineages().isEmpty()
          ? 0
          : repository
              .lastPosition(only(repository))
              .flatMap(Position::end)
              .map(Position.End::revision)
              .orElse(0L);
    } catch (LodestoneException e) {
      assertThat(e).hasMessageContaining("there is no backup repository");
      return 0;
    }
  }

  /** When the oldest base that is still kept was captured. */
  private Instant oldestBase() throws IOException {
    try (Repository repository = repository()) {
      return repository.describe().lineages().get(0).bases().stream()
          .map(BaseDescription::capturedAt)
          .min(Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  private void meet(Trouble trouble, LifeAgent agent) throws Exception {
    LOG.atInfo().addKeyValue("trouble", trouble).addKeyValue("at", clock.instant()).log("begins");
    Duration lasts = Duration.ofMinutes(10 + random.nextInt(30));
    switch (trouble) {
      case AGENT_KILLED -> {
        agent.kill();
        pass(lasts);
        agent.restart();
      }
      case AGENT_MOVED -> {
        agent.kill();
        agent.restartElsewhere();
      }
      case AGENT_PAUSED -> {
        agent.pause();
        pass(lasts);
        agent.resume();
      }
      case STORE_CUT -> {
        agent.store().cut();
        pass(lasts);
        agent.store().heal();
      }
      case STORE_STORMY -> {
        agents.forEach(each -> each.store().trouble(STORM));
        pass(lasts);
        agents.forEach(each -> each.store().trouble(CALM));
      }
      case SOURCE_CUT -> {
        agent.cutSource();
        pass(lasts);
        agent.healSource();
      }
      case SOURCE_SILENT -> {
        agent.silenceSource();
        pass(lasts);
        agent.healSource();
      }
      case LEADER_KILLED -> away(leader(), lasts);
      case MEMBER_KILLED -> away(random.nextInt(3), lasts);
      case LEADER_MOVED -> moveLeader();
    }
    pass(Duration.ofMinutes(5 + random.nextInt(15)));
  }

  private void away(int member, Duration lasts) throws Exception {
    source.member(member).kill();
    pass(lasts);
    source.member(member).start();
    source.awaitReady(member);
  }

  private StatusResponse status(int member) {
    return MaintenanceGrpc.newBlockingStub(source.channel(member))
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .status(StatusRequest.getDefaultInstance());
  }

  private int leader() {
    return await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
        .until(
            () ->
                IntStream.range(0, 3)
                    .filter(i -> status(i).getLeader() == status(i).getHeader().getMemberId())
                    .findFirst()
                    .orElse(-1),
            leader -> leader >= 0);
  }

  private void moveLeader() {
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
        .until(
            () -> {
              int leader = leader();
              long heir = status((leader + 1) % 3).getHeader().getMemberId();
              return MaintenanceGrpc.newBlockingStub(source.channel(leader))
                  .withDeadlineAfter(10, TimeUnit.SECONDS)
                  .moveLeader(MoveLeaderRequest.newBuilder().setTargetID(heir).build())
                  .isInitialized();
            });
  }

  /** Lets time fly; the source is asked for its hash meanwhile, and compacts what is old. */
  private void pass(Duration time) throws Exception {
    Instant end = clock.instant().plus(time);
    while (clock.instant().isBefore(end)) {
      Instant step = min(clock.instant().plus(STEP), end);
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> !clock.instant().isBefore(step));
      sample().ifPresent(compactable::add);
      compactSource();
    }
  }

  private static Instant min(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  /** What one member says; empty where the one that was asked is away. */
  private Optional<Sample> sample() {
    try {
      HashKVResponse answer =
          MaintenanceGrpc.newBlockingStub(source.channel(random.nextInt(3)))
              .withDeadlineAfter(2, TimeUnit.SECONDS)
              .hashKV(HashKVRequest.getDefaultInstance());
      Sample sample =
          new Sample(
              clock.instant(),
              answer.getHeader().getRevision(),
              answer.getHash(),
              answer.getCompactRevision());
      samples.add(sample);
      return Optional.of(sample);
    } catch (StatusRuntimeException e) {
      return Optional.empty();
    }
  }

  /** As an operator does who compacts no further than the backup is. */
  private void compactSource() throws IOException {
    Instant old = clock.instant().minus(KEPT_BY_SOURCE);
    Optional<Sample> newest = Optional.empty();
    while (!compactable.isEmpty() && compactable.peek().at().isBefore(old)) {
      newest = Optional.of(compactable.remove());
    }
    if (newest.isEmpty() || random.nextInt(3) > 0 || durable() < newest.get().revision()) {
      return;
    }
    CompactionRequest upTo =
        CompactionRequest.newBuilder().setRevision(newest.get().revision()).build();
    try {
      long revision =
          KVGrpc.newBlockingStub(source.channel(random.nextInt(3)))
              .withDeadlineAfter(2, TimeUnit.SECONDS)
              .compact(upTo)
              .getHeader()
              .getRevision();
      assertThat(revision).isGreaterThanOrEqualTo(newest.get().revision());
    } catch (StatusRuntimeException e) {
      // The member is away, or one that was compacted already: the next time will do.
      return;
    }
  }

  /** The last revision that an agent has proved; 0 where there is none yet. */
  private long proved() throws IOException {
    try (Repository repository = repository()) {
      return repository.lastProof(only(repository)).map(Proof::revision).orElse(0L);
    }
  }

  private String outputs() throws IOException {
    StringBuilder all = new StringBuilder();
    for (LifeAgent agent : agents) {
      all.append(agent.output());
    }
    return all.toString();
  }

  /**
   * @param proved writes went on behind it
   */
  private void check(RecordedHistory seen, long proved) throws Exception {
    assertThat(
            outputs()
                .lines()
                .filter(
                    line ->
                        line.contains(" ERROR ")
                            || line.contains("are damaged")
                            || line.contains("is not what was backed up")))
        .as("what no trouble explains")
        .isEmpty();
    try (Repository repository = repository();
        Repository copy = copy()) {
      Lineage lineage = only(repository);
      settle(repository, copy, lineage);
      assertIntact(repository, lineage);
      assertIntact(copy, lineage);

      Position.End stand = repository.lastPosition(lineage).orElseThrow().end().orElseThrow();
      Instant end = stand.at();
      long last = stand.revision();
      assertThat(last).isGreaterThanOrEqualTo(proved);
      Instant from = end.minus(KEEP.anyPoint());
      RepositorySource whole = repository.source(lineage);
      long first = whole.at(from).until().orElseThrow();
      assertThat(stateOf(whole.at(first))).isEqualTo(seen.stateAt(first));
      assertThat(changesBehind(whole, first)).isEqualTo(seen.changes(first, last));
      assertSomePoints(whole, seen, first, last);
      assertFullHours(whole, copy.source(lineage), seen, end);
      assertHashes(whole, first, last);
      assertNothingElse(repository, lineage, end);
    }
  }

  /** What the agents would do next, all at one moment. */
  private void settle(Repository repository, Repository copy, Lineage lineage) throws Exception {
    CompactionReport compacted =
        repository.compact(lineage, Levels.DEFAULT, WriterSettings.DEFAULT);
    ExpiryReport expired = repository.expire(repository.planExpiry(lineage, KEEP, clock.instant()));
    assertThat(expired.refused()).isEmpty();
    Holder here = new Holder("test", "elsewhere", 1);
    CopyReport copied =
        repository.copyTo(
            copy, lineage, new CopySettings(here, 2, WriterSettings.DEFAULT, bytes -> {}));
    LOG.atWarn()
        .addKeyValue("compacted", compacted)
        .addKeyValue("expired", expired)
        .addKeyValue("copied", copied)
        .log("settled");
  }

  private static void assertIntact(Repository repository, Lineage lineage) throws Exception {
    assertThat(repository.verify(lineage, VerifyReport.Progress.NONE).problems()).isEmpty();
    LineageDescription described = repository.describe().lineages().get(0);
    assertThat(described.gaps()).isEmpty();
  }

  private static Map<ByteString, KeyValue> stateOf(RepositorySource point) throws Exception {
    Map<ByteString, KeyValue> state = new HashMap<>();
    try (RevisionStream stream = point.openAtBase(Reason.REQUESTED)) {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        if (item instanceof RevisionRecord record) {
          Change.of(record).applyTo(state);
        }
      }
    }
    return state;
  }

  /**
   * A base that was asked of the source may be the first to tell of the revisions right before it.
   */
  private static Map<Long, List<Change>> changesBehind(RepositorySource source, long first)
      throws Exception {
    Map<Long, List<Change>> changes = new TreeMap<>();
    long complete = first;
    try (RevisionStream stream = source.openAfter(first)) {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        if (item instanceof RevisionRecord record && record.revision().main() > complete) {
          changes
              .computeIfAbsent(record.revision().main(), revision -> new ArrayList<>())
              .add(Change.of(record));
        } else if (item instanceof Complete mark) {
          complete = mark.revision();
        }
      }
    }
    return changes;
  }

  private void assertSomePoints(RepositorySource whole, RecordedHistory seen, long first, long last)
      throws Exception {
    for (int i = 0; i < POINTS; i++) {
      long revision = first + (long) (random.nextDouble() * (last - first + 1));
      assertThat(stateOf(whole.at(revision)))
          .as("revision %d", revision)
          .isEqualTo(seen.stateAt(revision));
    }
  }

  /** By time, as the copy says, from which nothing has expired. */
  private static void assertFullHours(
      RepositorySource kept, RepositorySource whole, RecordedHistory seen, Instant end)
      throws Exception {
    Instant hour = end.truncatedTo(ChronoUnit.HOURS);
    for (int i = 0; i < 2 * ANY_POINT - 1; i++) {
      Instant time = hour.minus(i, ChronoUnit.HOURS);
      long revision = whole.at(time).until().orElseThrow();
      assertThat(kept.at(time).until()).as("at %s", time).hasValue(revision);
      assertThat(stateOf(kept.at(time))).as("at %s", time).isEqualTo(seen.stateAt(revision));
    }
  }

  /**
   * Member directories, hashed as the source did when it was at that revision; the last samples may
   * be of writes that no agent had stored when all was over.
   */
  private void assertHashes(RepositorySource whole, long first, long last) throws Exception {
    List<Sample> inside =
        new ArrayList<>(
            samples.stream()
                .filter(sample -> sample.revision() >= first && sample.revision() <= last)
                .toList());
    Collections.shuffle(inside, random);
    int compared = 0;
    for (Sample sample : inside) {
      if (compared == SAMPLES) {
        break;
      }
      Path member = Files.createTempDirectory(folder, "restored-").resolve("m1");
      TransferReport restored = restore(whole.at(sample.revision()), member);
      assertThat(restored.revision()).isEqualTo(sample.revision());
      if (restored.compactRevision() <= sample.compactRevision()) {
        assertThat(hash(member, sample)).as(sample.toString()).isEqualTo(sample.hash());
        compared++;
      }
    }
    assertThat(compared).isPositive();
  }

  private static TransferReport restore(RepositorySource point, Path member) throws Exception {
    ClusterSpec cluster =
        ClusterSpec.of(List.of(new MemberSpec("m1", List.of("http://127.0.0.1:2380"))));
    try (RevisionStream stream = point.openAtBase(Reason.REQUESTED);
        MemberDirectorySink sink =
            new MemberDirectorySink(cluster, Map.of("m1", member), CopyRules.EXACT)) {
      return new Transfer(records -> {}).run(stream, sink);
    }
  }

  private static int hash(Path member, Sample sample) throws IOException {
    Path file = member.resolve("member").resolve("snap").resolve("db");
    try (EtcdDatabase database = EtcdDatabase.open(file)) {
      HashKv hash =
          RELEASE.equals("3.4")
              ? HashKv.asBefore3516(database.rows(), sample.compactRevision(), sample.revision())
              : HashKv.of(database.rows(), sample.compactRevision(), sample.revision());
      return hash.hash();
    }
  }

  private void assertNothingElse(Repository repository, Lineage lineage, Instant end)
      throws Exception {
    assertThat(repository.planExpiry(lineage, KEEP, clock.instant()).stale()).isEmpty();
    Instant oldest = end.truncatedTo(ChronoUnit.HOURS).minus(2L * ANY_POINT, ChronoUnit.HOURS);
    List<BaseDescription> kept = repository.describe().lineages().get(0).bases();
    assertThat(kept.stream().filter(base -> base.capturedAt().isBefore(oldest)).count())
        .as("bases before what is promised")
        .isLessThanOrEqualTo(1);
    assertThat(repository.verify(lineage, VerifyReport.Progress.NONE).orphans()).isZero();
  }
}
