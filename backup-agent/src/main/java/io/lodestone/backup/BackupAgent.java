package io.lodestone.backup;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.LodestoneException;
import io.lodestone.client.EtcdConnection;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Position;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositoryHeldException;
import io.lodestone.repository.RepositoryWriter;
import io.lodestone.repository.SourceHash;
import io.lodestone.repository.Takeover;
import io.lodestone.repository.WriterSettings;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.UnreachableStoreException;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one cluster into one repository: a base where there is none yet, then the tail, behind
 * the last durable revision.
 *
 * <p>The repository is the only memory of an agent. Whatever ends it, the next run reads there
 * where it has to go on, so a run is repeated, not repaired: an object store that was away is asked
 * again by a new session behind the last entry. What ends an agent for good is its goal, being
 * stopped, another agent, or a failure that a person has to see.
 *
 * <p>Confined to the thread that calls {@link #run}, but for {@link #stop}, {@link #requestBase}
 * and {@link #requestSynthesis}.
 */
public final class BackupAgent {
  private static final Logger LOG = LoggerFactory.getLogger(BackupAgent.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final EtcdConnection connection;
  private final RevisionSource cluster;
  private final Optional<ByteString> prefix;
  private final Repository repository;
  private final Holder holder;
  private final Takeover takeover;
  private final SealPolicy policy;
  private final WriterSettings writing;
  private final AgentListener listener;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Wish<Boolean> base = new Wish<>();
  private final Wish<Boolean> synthesis = new Wish<>();
  private volatile Path synthesisDirectory = Path.of("");
  private volatile boolean ended;

  /**
   * @param connection to the cluster that {@code cluster} tells of; stays the caller's to close
   * @param holder who this is, for other agents to read
   * @param writing how the repository is written
   */
  public BackupAgent(
      EtcdConnection connection,
      RevisionSource cluster,
      Repository repository,
      Holder holder,
      Takeover takeover,
      SealPolicy policy,
      WriterSettings writing,
      AgentListener listener) {
    this(
        connection,
        cluster,
        Optional.empty(),
        repository,
        holder,
        takeover,
        policy,
        writing,
        listener);
  }

  /**
   * The same, for the keys below a prefix.
   *
   * @param prefix what all keys begin with that {@code cluster} tells of; empty for a whole cluster
   */
  public BackupAgent(
      EtcdConnection connection,
      RevisionSource cluster,
      Optional<ByteString> prefix,
      Repository repository,
      Holder holder,
      Takeover takeover,
      SealPolicy policy,
      WriterSettings writing,
      AgentListener listener) {
    this.connection = connection;
    this.cluster = cluster;
    this.prefix = prefix;
    this.repository = repository;
    this.holder = holder;
    this.takeover = takeover;
    this.policy = policy;
    this.writing = writing;
    this.listener = listener;
  }

  /**
   * Works until the goal is reached or {@link #stop} was called; then seals what is complete and
   * returns. A repository that cannot be reached is waited for. Interrupt the thread only to give
   * up at once: files being written would be closed under it.
   */
  public BackupReport run(Goal goal) throws IOException, InterruptedException {
    Progress progress = new Progress(listener, this::baseTaken);
    Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
    while (true) {
      long durableBefore = progress.durable();
      try {
        runSession(goal, progress);
        return progress.report();
      } catch (UnreachableStoreException e) {
        if (progress.durable() > durableBefore) {
          backoff.reset();
        }
        Duration pause = backoff.next();
        LOG.atWarn()
            .setCause(e)
            .addKeyValue("nextTryInSeconds", pause.toSeconds())
            .log("the repository cannot be reached");
        if (stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return progress.report();
        }
      }
    }
  }

  /** The same, once, and a repository that cannot be reached fails it. */
  public BackupReport runOnce(Goal goal) throws IOException, InterruptedException {
    Progress progress = new Progress(listener, this::baseTaken);
    try {
      runSession(goal, progress);
      return progress.report();
    } finally {
      ended = true;
      refuseWishes();
    }
  }

  private void refuseWishes() {
    base.refuse(endedBefore());
    synthesis.refuse(endedBefore());
  }

  private static LodestoneException endedBefore() {
    return new LodestoneException(
        "the agent stopped writing before the base was durable",
        "see the agent's log for why it stopped; the next one that writes can take a base");
  }

  /** Makes {@link #run} end soon, from any thread. */
  public void stop() {
    stopped.countDown();
  }

  /**
   * Asks an agent that follows for a new base, from any thread. What is returned is done when one
   * is durable, and fails where {@link #runOnce} ends before.
   */
  public CompletableFuture<Boolean> requestBase() {
    return asked(base);
  }

  /**
   * Asks an agent that follows for a base made out of the one before and the log behind it, from
   * any thread. What is returned is done when that is durable, false where there was nothing new to
   * make one of, and fails where {@link #runOnce} ends before. Nothing is sealed while it is made.
   *
   * @param spoolDirectory where rows wait that do not fit into memory
   */
  public CompletableFuture<Boolean> requestSynthesis(Path spoolDirectory) {
    synthesisDirectory = spoolDirectory;
    return asked(synthesis);
  }

  private CompletableFuture<Boolean> asked(Wish<Boolean> wish) {
    CompletableFuture<Boolean> answer = wish.ask();
    if (ended) {
      refuseWishes();
    }
    return answer;
  }

  private void baseTaken() {
    base.grant(true);
  }

  private void synthesize(RepositoryWriter writer) throws IOException, InterruptedException {
    synthesis.grant(writer.synthesizeBase(synthesisDirectory));
  }

  private boolean isStopped() {
    return stopped.getCount() == 0;
  }

  private void runSession(Goal goal, Progress progress) throws IOException, InterruptedException {
    long target = goal == Goal.CATCH_UP ? head() : Long.MAX_VALUE;
    try (RepositoryWriter writer = openWriter();
        Testimonies testimonies = testimonies(writer.lineage())) {
      Optional<Position.End> end = writer.resumeFrom().end();
      long revision = end.map(Position.End::revision).orElse(0L);
      LOG.atInfo()
          .addKeyValue("lineage", writer.lineage())
          .addKeyValue("revision", revision)
          .log("writing behind the end of the log");
      progress.resume(writer.lineage(), revision);
      try (RevisionStream stream = open(goal, end)) {
        Session session = session(stream, writer, progress, testimonies);
        (end.isEmpty() ? session.awaitBase() : session).run(goal, target);
      }
      while (base.isAsked() && goal == Goal.FOLLOW && !isStopped()) {
        try (RevisionStream stream = cluster.openAtBase(Reason.REQUESTED)) {
          session(stream, writer, progress, testimonies).awaitBase().run(goal, target);
        }
      }
      if (goal != Goal.FOLLOW && !isStopped()) {
        testimonies.finish();
      }
    }
  }

  private long head() {
    return prefix.isEmpty()
        ? connection.revision()
        : connection.revision(KeyRange.prefix(prefix.get()));
  }

  /** A source has no hash of its part of a keyspace. */
  private Testimonies testimonies(Lineage lineage) throws IOException {
    SourceWitness witness = new SourceWitness(connection, repository, writing.clock());
    Optional<Duration> interval = prefix.isEmpty() ? policy.hashInterval() : Optional.empty();
    Optional<SourceHash> last =
        interval.isPresent() ? repository.newestSourceHash(lineage) : Optional.empty();
    Optional<Duration> sinceLast =
        last.map(hash -> Duration.between(hash.at(), writing.clock().instant()));
    return new Testimonies(witness, interval, sinceLast);
  }

  private Session session(
      RevisionStream stream, RepositoryWriter writer, Progress progress, Testimonies testimonies) {
    return new Session(
        stream,
        writer,
        policy,
        progress,
        testimonies,
        this::isStopped,
        base::isAsked,
        new Session.Chore(synthesis::isAsked, () -> synthesize(writer)));
  }

  private RevisionStream open(Goal goal, Optional<Position.End> end)
      throws IOException, InterruptedException {
    if (end.isEmpty()) {
      return cluster.openAtBase(Reason.INITIAL);
    }
    return goal == Goal.BASE
        ? cluster.openAtBase(Reason.REQUESTED)
        : cluster.openAfter(end.get().revision());
  }

  /**
   * An agent that died on this very machine cannot come back: its place is taken without waiting
   * for its silence.
   */
  private RepositoryWriter openWriter() throws IOException {
    try {
      return openWriter(takeover);
    } catch (RepositoryHeldException e) {
      boolean sameHost = e.holder().host().equals(holder.host());
      if (!sameHost || ProcessHandle.of(e.holder().pid()).isPresent()) {
        throw e;
      }
      LOG.atInfo()
          .addKeyValue("holder", e.holder())
          .log("taking over from an agent whose process is gone");
      return openWriter(Takeover.FORCED);
    }
  }

  private RepositoryWriter openWriter(Takeover rule) throws IOException {
    return prefix.isEmpty()
        ? repository.openWriter(connection.clusterId(), holder, rule, writing)
        : repository.openWriter(connection.clusterId(), prefix.get(), holder, rule, writing);
  }
}
