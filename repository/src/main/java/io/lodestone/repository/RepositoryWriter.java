package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.Appender.Facts;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LeaseTable;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.format.BaseFacts;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.EntryHeader.First;
import io.lodestone.repository.format.EntryHeader.Kind;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.format.LeaseTrail;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.SealedObject;
import io.lodestone.repository.format.Standing;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The continuous sink of a backup: it holds a lineage, and each commit seals what was accepted into
 * entries of its log.
 *
 * <p>What is accepted grows into drafts, whose full pieces are stored at once as parts that nothing
 * names yet; {@link #commit} makes them count. Memory holds two parts, or as many as may be under
 * way, and one revision, whatever the size of the base or the lag. A base whose reason is {@link
 * Reason#DIVERGED} ends the lineage and begins the cluster's next timeline.
 *
 * <p>After a {@link FencedException} or a failure of {@link #accept} the writer is of no more use:
 * close it and open another one. After any other failure of commit, commit may be called again.
 *
 * <p>Confined to one thread; parts and heartbeats go out on two threads of its own.
 */
public final class RepositoryWriter implements RevisionSink {
  private static final Logger LOG = LoggerFactory.getLogger(RepositoryWriter.class);

  private final ObjectStore store;
  private final ContentCipher cipher;
  private final Holder holder;
  private final WriterSettings settings;
  private final ScheduledExecutorService beats =
      Executors.newSingleThreadScheduledExecutor(thread("heartbeat"));
  private final PartUploader uploader;
  private final Heartbeat heartbeat;
  private final Position resumeFrom;
  private final StreamOrder order;
  private final LeaseTable leases;
  private final SecureRandom random = new SecureRandom();

  /** Of the lineage that is committed to. */
  private Appender appender;

  /** Of the lineage that is accepted for, behind everything in {@link #steps}. */
  private Lineage lineage;

  private Standing standing;
  private long nextSeq;

  private final Deque<Step> steps = new ArrayDeque<>();
  private Optional<BaseDraft> base = Optional.empty();
  private Optional<Draft> segment = Optional.empty();
  private Optional<First> first = Optional.empty();
  private final List<StreamItem> unfinished = new ArrayList<>();
  private boolean broken;
  private boolean fenced;
  private boolean closed;

  private RepositoryWriter(Holder holder, WriterSettings settings, Appender appender)
      throws IOException {
    this.store = appender.log().store();
    this.cipher = appender.log().cipher();
    this.holder = holder;
    this.settings = settings;
    this.appender = appender;
    this.lineage = appender.lineage();
    this.standing = appender.standing();
    this.nextSeq = appender.nextSeq();
    this.leases = appender.loadLeases();
    this.order = order(appender);
    this.uploader = new PartUploader(store, settings.uploads());
    this.heartbeat = new Heartbeat(holder, settings.clock(), appender.place());
    this.resumeFrom = Positions.of(appender, leases);
  }

  private static StreamOrder order(Appender appender) throws IOException {
    Standing standing = appender.standing();
    if (!standing.hasBase()) {
      return StreamOrder.atBaseOfAny();
    }
    boolean part =
        appender.log().header(standing.baseSeq()).base().flatMap(BaseFacts::prefix).isPresent();
    return part
        ? StreamOrder.afterInPart(standing.revision())
        : StreamOrder.after(standing.revision());
  }

  /**
   * Takes a lineage over and starts the heartbeat. Fails with {@link RepositoryHeldException} while
   * another holder is alive.
   */
  static RepositoryWriter open(
      EntryLog log, Lineage lineage, Holder holder, Takeover takeover, WriterSettings settings)
      throws IOException {
    Appender appender = Appender.claim(log, lineage, holder, takeover, settings.clock());
    RepositoryWriter writer = new RepositoryWriter(holder, settings, appender);
    writer.heartbeat.beat();
    writer.heartbeat.start(writer.beats, settings.heartbeatEvery());
    return writer;
  }

  /** Makes a daemon thread of that name. */
  static ThreadFactory thread(String what) {
    return work -> {
      Thread thread = new Thread(work, "repository-" + what);
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Where the log ended when this writer took it over: the stream has to continue there. */
  public Position resumeFrom() {
    return resumeFrom;
  }

  /** The lineage that the items accepted now belong to. */
  public Lineage lineage() {
    return lineage;
  }

  @Override
  public void accept(StreamItem item) throws IOException, InterruptedException {
    checkUsable();
    order.advance(item);
    boolean done = false;
    try {
      take(item);
      done = true;
    } finally {
      broken = !done;
    }
  }

  private void take(StreamItem item) throws IOException, InterruptedException {
    if (item instanceof BaseStart start) {
      beginBase(start);
    } else if (item instanceof End) {
      return;
    } else if (base.isPresent()) {
      takeInBase(base.get(), item);
    } else {
      takeInTail(item);
    }
  }

  private void beginBase(BaseStart start) throws IOException, InterruptedException {
    long cluster = start.origin().clusterId();
    if (cluster != 0 && Lineage.history(cluster, start.prefix()) != lineage.clusterId()) {
      throw new LodestoneException(
          String.format("the base comes from cluster %x, but is for %s", cluster, lineage),
          "open a writer for that cluster: each cluster has lineages of its own");
    }
    unfinished.clear();
    finishSegment();
    if (start.reason() == Reason.DIVERGED && standing.hasBase()) {
      beginTimeline();
    }
    leases.clear();
    base = Optional.of(new BaseDraft(start, newDraft()));
  }

  private void beginTimeline() {
    Lineage next = lineage.nextTimeline();
    steps.add(
        new Step.Finish(
            new Facts(
                Kind.END,
                standing,
                plain(leases.trail()),
                Optional.empty(),
                Optional.empty(),
                Optional.of(next.toString()))));
    steps.add(new Step.Create(next));
    lineage = next;
    standing = Standing.NOWHERE;
    nextSeq = 2;
  }

  private static LeaseTrail plain(LeaseTrail trail) {
    return new LeaseTrail(trail.checkpointSeq(), trail.changedSeqs(), Optional.empty());
  }

  private void takeInBase(BaseDraft draft, StreamItem item)
      throws IOException, InterruptedException {
    if (item instanceof Complete mark) {
      finishBase(draft, mark);
      return;
    }
    leases.take(item);
    draft.add(item);
  }

  private void finishBase(BaseDraft finished, Complete mark)
      throws IOException, InterruptedException {
    if (mark.revision() < standing.revision()) {
      throw new LodestoneException(
          "the cluster is at revision "
              + mark.revision()
              + ", but lineage "
              + lineage
              + " has reached "
              + standing.revision()
              + ": the cluster went back",
          "take the base again with the reason DIVERGED, which begins a new timeline");
    }
    Compaction compaction = finished.compaction();
    long previousBase = standing.baseSeq();
    standing =
        new Standing(
            nextSeq, mark.revision(), mark.at(), compaction.scheduled(), compaction.finished());
    Facts facts =
        new Facts(
            Kind.BASE,
            standing,
            leases.atBase(nextSeq),
            Optional.empty(),
            Optional.of(finished.facts(previousBase)),
            Optional.empty());
    base = Optional.empty();
    queue(finished.draft(), facts);
  }

  /** Items wait until their revision is complete, so that an entry never holds half of one. */
  private void takeInTail(StreamItem item) throws IOException, InterruptedException {
    unfinished.add(item);
    if (!(item instanceof Complete mark)) {
      return;
    }
    if (segment.isEmpty()) {
      segment = Optional.of(newDraft());
      first = Optional.of(new First(mark.revision(), mark.at()));
    }
    for (StreamItem complete : unfinished) {
      takeInSegment(segment.get(), complete);
    }
    unfinished.clear();
  }

  private void takeInSegment(Draft draft, StreamItem item)
      throws IOException, InterruptedException {
    leases.take(item);
    draft.add(item);
    if (item instanceof Complete mark) {
      standing =
          new Standing(
              standing.baseSeq(),
              mark.revision(),
              mark.at(),
              standing.compactScheduled(),
              standing.compactFinished());
    } else if (item instanceof Compaction compaction) {
      standing =
          new Standing(
              standing.baseSeq(),
              standing.revision(),
              standing.at(),
              compaction.scheduled(),
              compaction.finished());
    }
  }

  private void finishSegment() throws IOException, InterruptedException {
    if (segment.isEmpty()) {
      return;
    }
    Facts facts =
        new Facts(
            Kind.SEGMENT,
            standing,
            leases.atSegment(nextSeq),
            first,
            Optional.empty(),
            Optional.empty());
    Draft finished = segment.get();
    segment = Optional.empty();
    queue(finished, facts);
  }

  private void queue(Draft draft, Facts facts) throws IOException, InterruptedException {
    steps.add(new Step.Append(draft, draft.finish(), facts));
    nextSeq++;
  }

  private Draft newDraft() {
    String set = LineageNames.set(nextSeq, random.nextLong());
    return new Draft(new LineageNames(lineage.toString()), set, settings, cipher, uploader);
  }

  @Override
  public long commit() throws IOException, InterruptedException {
    checkUsable();
    boolean sealed = false;
    try {
      finishSegment();
      sealed = true;
    } finally {
      broken = !sealed;
    }
    while (!steps.isEmpty()) {
      perform(steps.peek());
      steps.remove();
    }
    return appender.standing().revision();
  }

  /**
   * Appends a new base, made out of the newest one and the log behind it, without asking the
   * source. Commits what was accepted before. When this returns true, the new base was read back,
   * compared, and is durable; false where the newest base is as new as the log, or there is none.
   * Takes as long as reading all of that a few times; heartbeats go on meanwhile.
   *
   * @param spoolDirectory where rows wait that do not fit into memory
   */
  public boolean synthesizeBase(Path spoolDirectory) throws IOException, InterruptedException {
    if (!unfinished.isEmpty() || base.isPresent()) {
      throw new IllegalStateException("a revision or a base is half accepted");
    }
    commit();
    if (!standing.hasBase()
        || appender.log().header(standing.baseSeq()).standing().revision() == standing.revision()) {
      return false;
    }
    BaseSynthesis synthesis =
        new BaseSynthesis(appender.log(), standing, appender.last().seq(), spoolDirectory);
    synthesis.giveTo(this::accept, List.copyOf(new TreeMap<>(leases.live()).values()));
    boolean proved = false;
    try {
      synthesis.prove(readBack());
      proved = true;
    } finally {
      broken = !proved;
    }
    commit();
    return true;
  }

  /** The base that waits for the next commit, as if it were appended already. */
  private OpenedObject<EntryHeader> readBack() throws IOException {
    Step.Append made = (Step.Append) steps.element();
    SealedObject sealed =
        appender.sealed(made.facts(), made.content().inline(), made.content().parts());
    String name = appender.names().entry(appender.nextSeq());
    return OpenedObject.entry(name, sealed.bytes().newInput(), cipher);
  }

  private void perform(Step step) throws IOException {
    try {
      if (step instanceof Step.Create create) {
        create(create.lineage());
      } else if (appender.isInDoubt()) {
        appender.settle();
      } else if (step instanceof Step.Append append) {
        appender.append(append.facts(), append.content().inline(), append.content().parts());
      } else if (step instanceof Step.Finish finish) {
        appender.append(finish.facts(), Draft.Content.NONE.inline(), List.of());
      }
      heartbeat.moveTo(appender.place());
    } catch (FencedException e) {
      fenced = true;
      beats.shutdownNow();
      throw e;
    }
  }

  private void create(Lineage next) throws IOException {
    broken = true;
    heartbeat.release();
    EntryLog log = new EntryLog(store, cipher, next.toString());
    Appender created = Appender.claim(log, next, holder, Takeover.WHEN_SILENT, settings.clock());
    if (created.last().seq() != 1) {
      throw new LodestoneException(
          "lineage " + next + " exists already: another agent has begun it",
          "open the writer again; it continues that lineage if nobody holds it");
    }
    appender = created;
    heartbeat.moveTo(appender.place());
    heartbeat.beat();
    broken = false;
  }

  private void checkUsable() {
    if (closed) {
      throw new IllegalStateException("this writer is closed");
    }
    if (broken || fenced) {
      throw new LodestoneException(
          "this writer of lineage " + lineage + " has failed before and cannot go on",
          "close it and open another one; it continues behind the last commit");
    }
  }

  /** Leaves the lineage, and takes back what was stored for entries that will never be. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    beats.shutdownNow();
    uploader.close();
    try {
      discardDrafts();
    } finally {
      if (!fenced) {
        heartbeat.release();
      }
    }
  }

  private void discardDrafts() throws IOException {
    List<Draft> drafts = new ArrayList<>();
    segment.ifPresent(drafts::add);
    base.map(BaseDraft::draft).ifPresent(drafts::add);
    for (Step step : steps) {
      boolean mayExist = appender.isInDoubt() && step == steps.peek();
      if (step instanceof Step.Append append && !mayExist) {
        drafts.add(append.draft());
      }
    }
    awaitUploads();
    for (Draft draft : drafts) {
      draft.close();
      draft.discard(store);
    }
  }

  private void awaitUploads() {
    try {
      uploader.await();
    } catch (IOException | LodestoneException e) {
      // A part that was not stored needs no deletion; the failure itself was or will be thrown.
      LOG.atDebug().setCause(e).log("a part of a discarded draft was not stored");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
