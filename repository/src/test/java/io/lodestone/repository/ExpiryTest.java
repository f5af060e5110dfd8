package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.FaultyStore.Died;
import io.lodestone.repository.RetentionPolicy.Every;
import io.lodestone.repository.RetentionPolicy.Rule;
import io.lodestone.repository.VerifyReport.Progress;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamOrder;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What was promised can be restored, after every expiry and wherever one stops. */
final class ExpiryTest {
  private static final RetentionPolicy POLICY =
      RetentionPolicy.parse("keep: any point for 48 h, hourly for 7 d, daily for 30 d");
  private static final RetentionPolicy SHORT =
      RetentionPolicy.parse("any point for 12 h, daily for 4 d");
  private static final long FIRST_SEED = 4;

  private static final Levels LEVELS =
      new Levels(List.of(Duration.ofHours(2), Duration.ofHours(12)), 1L << 30);

  /** How many random lives the property is tried on. */
  private static final int LIVES = Integer.getInteger("lodestone.expiry.lives", 6);

  /** Between how many of the changes somebody else comes in; many try them all. */
  private static final int POINTS = Integer.getInteger("lodestone.interleaving.points", 8);

  /** What was written and expired, and beside it the same without any expiry. */
  private final ObjectStore store = new MemoryObjectStore();

  private final ObjectStore whole = new MemoryObjectStore();

  @Test
  void everyPromisedPointCanBeRestoredAfterEveryCrash() throws Exception {
    LongHistory life = new LongHistory(1);
    live(life, 12);
    boolean died = true;
    int crashes = 0;
    for (int change = 1; died; change++) {
      died = diesBefore(change, POLICY, life.now());
      crashes += died ? 1 : 0;
      checkPromises(store, POLICY, life.now());
    }
    assertThat(crashes).isPositive();
    assertThat(verify(store)).isEmpty();
  }

  @Test
  void randomLivesKeepWhatRandomPoliciesPromise() throws Exception {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + LIVES; seed++) {
      new ExpiryTest().keepsPromises(seed);
    }
  }

  private void keepsPromises(long seed) throws Exception {
    Random random = new Random(seed);
    LongHistory life = new LongHistory(seed);
    RetentionPolicy policy = randomPolicy(random);
    for (int round = 0; round < 4; round++) {
      live(life, 1 + random.nextInt(6));
      if (random.nextBoolean()) {
        Repository.open(store).compact(Histories.LINEAGE, LEVELS, Histories.SMALL_PARTS);
      }
      diesBefore(1 + random.nextInt(60), policy, life.now());
      checkPromises(store, policy, life.now());
      expire(store, policy, life.now());
      checkPromises(store, policy, life.now());
      assertThat(plan(store, policy, life.now()).stale()).as("seed %d", seed).isEmpty();
      assertThat(verify(store)).as("seed %d", seed).isEmpty();
    }
  }

  private static RetentionPolicy randomPolicy(Random random) {
    List<Rule> rules = new ArrayList<>();
    for (Every every : Every.values()) {
      if (random.nextBoolean()) {
        rules.add(new Rule(every, Duration.ofHours(1 + random.nextInt(1000))));
      }
    }
    return new RetentionPolicy(Duration.ofHours(random.nextInt(72)), rules);
  }

  @Test
  void whatIsNotPromisedIsGone() throws Exception {
    LongHistory life = new LongHistory(2);
    live(life, 15);
    long before = objects(store);
    ExpiryPlan plan = plan(store, POLICY, life.now());
    ExpiryReport report = Repository.open(store).expire(plan);

    assertThat(report.objects()).isEqualTo(plan.objects()).isPositive();
    assertThat(report.bytes()).isEqualTo(plan.bytes());
    assertThat(objects(store)).isEqualTo(before - plan.objects() + plan.stale().size());
  }

  @Test
  void whatHasExpiredIsSaidToHaveAndNotGuessed() throws Exception {
    LongHistory life = new LongHistory(3);
    live(life, 10);
    expire(store, new RetentionPolicy(Duration.ZERO, List.of()), life.now());
    Instant oldest = Repository.open(whole).describe().lineages().get(0).ranges().get(0).from();
    assertThatThrownBy(() -> Histories.source(store).at(oldest))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("is not in lineage");
    assertThat(describe().bases()).hasSize(1);
    assertThat(state(store, life.now())).isEqualTo(state(whole, life.now()));
  }

  @Test
  void aMarkedRevisionStaysUntilItIsUnmarked() throws Exception {
    LongHistory life = new LongHistory(5);
    live(life, 10);
    RetentionPolicy none = new RetentionPolicy(Duration.ZERO, List.of());
    Repository repository = Repository.open(store);
    long marked = describe().ranges().get(0).firstRevision() + 3;
    repository.mark(Histories.LINEAGE, marked, Clock.systemUTC());
    expire(store, none, life.now());
    assertThat(rows(Histories.source(store).at(marked)))
        .isEqualTo(rows(Histories.source(whole).at(marked)));

    repository.unmark(Histories.LINEAGE, marked);
    expire(store, none, life.now());
    assertThatThrownBy(() -> rows(Histories.source(store).at(marked)))
        .isInstanceOf(LodestoneException.class);
    assertThatThrownBy(() -> repository.mark(Histories.LINEAGE, marked, Clock.systemUTC()))
        .isInstanceOf(LodestoneException.class);
    assertThat(repository.marks(Histories.LINEAGE)).isEmpty();
  }

  @Test
  void aMarkThatComesBetweenPlanAndExpiryStopsIt() throws Exception {
    LongHistory life = new LongHistory(6);
    live(life, 10);
    Repository repository = Repository.open(store);
    ExpiryPlan plan = plan(store, new RetentionPolicy(Duration.ZERO, List.of()), life.now());
    long marked = describe().ranges().get(0).firstRevision();
    repository.mark(Histories.LINEAGE, marked, Clock.systemUTC());
    long before = objects(store);
    assertThatThrownBy(() -> repository.expire(plan)).hasMessageContaining("has changed since");
    assertThat(objects(store)).isEqualTo(before);
    assertThat(rows(Histories.source(store).at(marked)))
        .isEqualTo(rows(Histories.source(whole).at(marked)));
  }

  @Test
  void aCompactionBesideAnExpiryTakesNoPromisedPoint() throws Exception {
    LongHistory life = new LongHistory(9);
    live(life, 8);
    FaultyStore alone = new FaultyStore(Histories.copyOf(store));
    expireOnce(alone, life.now());
    assertThat(alone.changes()).isGreaterThan(10);
    for (int change = 1; change <= alone.changes(); change += 1 + alone.changes() / POINTS) {
      ObjectStore shared = Histories.copyOf(store);
      FaultyStore between = new FaultyStore(shared);
      between.runBefore(change, Histories.repeatable(() -> compact(shared)));
      Histories.repeatable(() -> expireOnce(between, life.now())).run();
      checkFinished(shared, life.now());
    }
  }

  @Test
  void anExpiryBesideACompactionTakesNoPromisedPoint() throws Exception {
    LongHistory life = new LongHistory(10);
    live(life, 5);
    FaultyStore alone = new FaultyStore(Histories.copyOf(store));
    compact(alone);
    assertThat(alone.changes()).isGreaterThan(10);
    for (int change = 1; change <= alone.changes(); change += 1 + alone.changes() / POINTS) {
      ObjectStore shared = Histories.copyOf(store);
      FaultyStore between = new FaultyStore(shared);
      between.runBefore(change, Histories.repeatable(() -> expireOnce(shared, life.now())));
      Histories.repeatable(() -> compact(between)).run();
      checkFinished(shared, life.now());
    }
  }

  @Test
  void bothOnThreadsOfTheirOwnTakeNoPromisedPoint() throws Exception {
    LongHistory life = new LongHistory(11);
    live(life, 5);
    for (int round = 0; round < 4; round++) {
      ObjectStore shared = Histories.copyOf(store);
      Histories.together(() -> compact(shared), () -> expireOnce(shared, life.now()));
      checkFinished(shared, life.now());
    }
  }

  private static void compact(ObjectStore store) throws IOException, InterruptedException {
    Repository.open(store).compact(Histories.LINEAGE, LEVELS, Histories.SMALL_PARTS);
  }

  private static void expireOnce(ObjectStore store, Instant now) throws IOException {
    Repository repository = Repository.open(store);
    repository.expire(repository.planExpiry(Histories.LINEAGE, SHORT, now));
  }

  /** Every promise is kept, also once both have finished their work. */
  private void checkFinished(ObjectStore shared, Instant now) throws Exception {
    checkPromises(shared, SHORT, now);
    compact(shared);
    expireOnce(shared, now);
    checkPromises(shared, SHORT, now);
    assertThat(verify(shared)).isEmpty();
    assertThat(plan(shared, SHORT, now).stale()).isEmpty();
  }

  @Test
  void aRefusedDeleteIsReportedAndThePlanGoesOn() throws Exception {
    LongHistory life = new LongHistory(7);
    live(life, 10);
    ExpiryPlan plan = plan(store, POLICY, life.now());
    long last = plan.stale().get(plan.stale().size() - 1).lastSeq();
    LockedStore locked = new LockedStore(store, last);
    ExpiryReport report = Repository.open(locked).expire(plan);
    assertThat(report.refused()).hasSize(1);
    assertThat(report.refused().get(0).message()).contains("AccessDenied");
    assertThat(report.objects()).isEqualTo(plan.objects() - 1);
    checkPromises(store, POLICY, life.now());
    assertThat(verify(store)).isEmpty();

    expire(store, POLICY, life.now());
    assertThat(plan(store, POLICY, life.now()).stale()).isEmpty();
  }

  @Test
  void anAgentWritesOnWhileTheOldExpires() throws Exception {
    LongHistory life = new LongHistory(8);
    live(life, 8);
    List<StreamItem> next = life.nextStretch();
    try (RepositoryWriter writer = Histories.writer(store)) {
      Histories.feed(writer, next.subList(0, next.size() / 2), 2);
      expire(store, POLICY, life.now());
      Histories.feed(writer, next.subList(next.size() / 2, next.size()), 2);
    }
    Histories.write(whole, next, 2);
    checkPromises(store, POLICY, life.now());
    assertThat(verify(store)).isEmpty();
  }

  private void live(LongHistory life, int stretches) throws Exception {
    for (int i = 0; i < stretches; i++) {
      List<StreamItem> items = life.nextStretch();
      Histories.write(store, items, 2);
      Histories.write(whole, items, 2);
    }
  }

  private boolean diesBefore(int change, RetentionPolicy policy, Instant now) throws Exception {
    ExpiryPlan plan = plan(store, policy, now);
    try {
      Repository.open(new FaultyStore(store).dieBefore(change)).expire(plan);
      return false;
    } catch (Died e) {
      return true;
    }
  }

  static ExpiryPlan plan(ObjectStore store, RetentionPolicy policy, Instant now) throws Exception {
    return Repository.open(store).planExpiry(Histories.LINEAGE, policy, now);
  }

  static void expire(ObjectStore store, RetentionPolicy policy, Instant now) throws Exception {
    assertThat(Repository.open(store).expire(plan(store, policy, now)).refused()).isEmpty();
  }

  /** Holds every promised point against the repository that nothing was taken from. */
  private void checkPromises(ObjectStore kept, RetentionPolicy policy, Instant now)
      throws Exception {
    checkPromises(kept, whole, policy, now);
  }

  /**
   * @param whole the same history, from which nothing was taken
   */
  static void checkPromises(
      ObjectStore kept, ObjectStore whole, RetentionPolicy policy, Instant now) throws Exception {
    Instant end =
        Repository.open(whole)
            .lastPosition(Histories.LINEAGE)
            .orElseThrow()
            .end()
            .orElseThrow()
            .at();
    List<Instant> promised = new ArrayList<>(policy.points(end).keySet());
    for (Instant time = end.minus(policy.anyPoint()); !time.isAfter(end); ) {
      promised.add(time);
      time = time.plusSeconds(3 * 3600 + 1);
    }
    promised.add(end);
    for (Instant point : promised) {
      Optional<Long> expected = answers(whole, point);
      if (expected.isPresent()) {
        assertThat(answers(kept, point)).as("point %s at %s", point, now).isEqualTo(expected);
      }
    }
    for (Instant point : sample(promised)) {
      if (answers(whole, point).isPresent()) {
        assertThat(state(kept, point)).as("state at %s", point).isEqualTo(state(whole, point));
      }
    }
  }

  /** Reading whole states is what takes time. */
  private static List<Instant> sample(List<Instant> points) {
    List<Instant> sample = new ArrayList<>();
    for (int i = 0; i < points.size(); i += 1 + points.size() / 12) {
      sample.add(points.get(i));
    }
    return sample;
  }

  /** The revision at a time; empty where nothing is known of it. */
  private static Optional<Long> answers(ObjectStore store, Instant time) throws Exception {
    try {
      return Optional.of(Histories.source(store).at(time).until().orElseThrow());
    } catch (LodestoneException e) {
      assertThat(e).hasMessageContaining("is not in lineage");
      return Optional.empty();
    }
  }

  static Map<ByteString, RevisionRecord> state(ObjectStore store, Instant time) throws Exception {
    return rows(Histories.source(store).at(time));
  }

  /** The newest row of each key that is alive. */
  private static Map<ByteString, RevisionRecord> rows(RepositorySource source) throws Exception {
    Map<ByteString, RevisionRecord> rows = new HashMap<>();
    for (StreamItem item :
        Histories.read(source.openAtBase(Reason.INITIAL), StreamOrder.atBase())) {
      if (item instanceof RevisionRecord row) {
        rows.put(row.key(), row);
      }
    }
    rows.values().removeIf(RevisionRecord::tombstone);
    return rows;
  }

  private static List<VerifyReport.Problem> verify(ObjectStore store) throws Exception {
    return Repository.open(store).verify(Progress.NONE).problems();
  }

  private Description.LineageDescription describe() throws Exception {
    return Repository.open(store).describe().lineages().get(0);
  }

  private long objects(ObjectStore of) throws Exception {
    return Repository.open(of).describe().lineages().get(0).objects();
  }
}
