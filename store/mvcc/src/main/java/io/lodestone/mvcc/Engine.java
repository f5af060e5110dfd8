package io.lodestone.mvcc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmRequest.AlarmAction;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.auth.AuthRules;
import io.lodestone.auth.AuthStore;
import io.lodestone.mvcc.apply.AlarmTable;
import io.lodestone.mvcc.apply.Alarms;
import io.lodestone.mvcc.apply.Applier;
import io.lodestone.mvcc.apply.Beside;
import io.lodestone.mvcc.apply.Draft;
import io.lodestone.mvcc.apply.Following;
import io.lodestone.mvcc.apply.Space;
import io.lodestone.mvcc.compaction.Compactor;
import io.lodestone.mvcc.compaction.Compactor.BetweenBatches;
import io.lodestone.mvcc.keyspace.AuthItems;
import io.lodestone.mvcc.keyspace.AuthKeys;
import io.lodestone.mvcc.keyspace.Format;
import io.lodestone.mvcc.keyspace.IntactMark;
import io.lodestone.mvcc.keyspace.Standing;
import io.lodestone.mvcc.lease.LeaseTable;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.mvcc.log.Change;
import io.lodestone.mvcc.log.LogEntry;
import io.lodestone.mvcc.members.MemberChange;
import io.lodestone.mvcc.members.MemberTable;
import io.lodestone.mvcc.rocks.DiskFullException;
import io.lodestone.mvcc.rocks.RocksSettings;
import io.lodestone.mvcc.rocks.RocksStore;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The store: etcd's keyspace with its history, leases, alarms and users, in a directory of its own.
 *
 * <p>One thread at a time calls {@link #apply}, in log order, and is the only writer; any thread
 * reads, through the {@link EngineView} that the last apply has made visible. An entry counts once,
 * however often it is offered: its index is written together with what it changes.
 *
 * <p>Where the disk is full, applying fails with {@link DiskFullException} and may be tried again;
 * of the entries the first few may have been stored, which counts, the others leave nothing behind.
 * If it fails for any other reason that is not etcd's, the engine applies nothing more and has to
 * be opened anew: better down than diverged.
 */
public final class Engine implements AutoCloseable {
  /** How long a compaction rests between two batches. */
  private static final long REST_MILLIS = 1;

  private final RocksStore store;
  private final Draft draft;
  private final Applier applier;
  private final Following following;
  private final EngineLeases leases;
  private final Compactor compactor;
  private final Beside beside;
  private final long memberId;
  private final OpenViews openViews = new OpenViews();
  private final List<ChangeListener> listeners = new CopyOnWriteArrayList<>();

  /** Held from a write until what it wrote is visible; whoever waits for it waits for a write. */
  private final ReentrantLock publishing = new ReentrantLock();

  private volatile EngineObserver observer = EngineObserver.NONE;
  private volatile ViewState current;
  private volatile boolean diskFull;
  private boolean broken;
  private boolean closed;

  private Engine(
      RocksStore store,
      EngineOptions options,
      LongSupplier nanoClock,
      BetweenBatches betweenBatches) {
    Standing standing = Standing.read(store.latest());
    this.store = store;
    this.memberId = options.memberId();
    MemberTable members = new MemberTable();
    this.beside =
        new Beside(
            new LeaseTable(nanoClock),
            new AlarmTable(),
            new AuthStore(options.bcryptCost(), () -> authRules(members)),
            members);
    beside.load(store.latest());
    this.draft = new Draft(store, standing);
    beside.auth().loaded(draft);
    this.applier =
        new Applier(draft, beside, new Space(options.quotaBytes()), shortestTtlSeconds(options));
    this.following = new Following(draft, beside.leases());
    this.compactor = new Compactor(store, betweenBatches, this::refresh, () -> observer);
    this.leases = new EngineLeases(beside.leases(), this);
    this.current = new ViewState(standing, store.view());
  }

  /** As the members of the cluster apply its log, if it is theirs; see {@link AuthRules}. */
  private static AuthRules authRules(MemberTable members) {
    boolean old =
        members.clusterVersion().filter(version -> version.startsWith("3.4.")).isPresent();
    return old ? AuthRules.ETCD_3_4 : AuthRules.ETCD_3_5;
  }

  private static long shortestTtlSeconds(EngineOptions options) {
    return options.minLeaseTtl().plusSeconds(1).minusNanos(1).toSeconds();
  }

  /**
   * Opens the store in {@code directory}, or makes an empty one. Fails with a hint where another
   * process has it open, and tells apart files that are damaged, missing, or of a newer version.
   */
  public static Engine open(Path directory, EngineOptions options) throws IOException {
    return open(directory, options, System::nanoTime);
  }

  /** Opens it with a clock of one's own, in nanoseconds, for the leases to run by. */
  public static Engine open(Path directory, EngineOptions options, LongSupplier nanoClock)
      throws IOException {
    return open(directory, options, nanoClock, () -> Thread.sleep(REST_MILLIS));
  }

  static Engine open(
      Path directory, EngineOptions options, LongSupplier nanoClock, BetweenBatches betweenBatches)
      throws IOException {
    RocksStore store = RocksStore.open(directory, RocksSettings.serving(options.cacheBytes()));
    try {
      Format.check(store, directory);
      IntactMark.clear(store);
      Engine engine = new Engine(store, options, nanoClock, betweenBatches);
      engine.compactor.start(engine.current.standing().compactRevision());
      return engine;
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /**
   * The state that is visible now; to be closed by the caller. Never blocks; fails with STOPPED
   * once the engine is closed.
   */
  public EngineView view() {
    ViewState state = current;
    while (!state.rows().retain()) {
      requireOpen();
      state = current;
    }
    return new EngineView(state, compactor, openViews);
  }

  private void requireOpen() {
    if (closed) {
      throw new StoreException(ErrorCode.STOPPED);
    }
  }

  /**
   * Applies entries in order, as one write; when it returns they are visible, and durable as asked
   * for. The results stand in the order of the entries; an entry that had been applied before has
   * neither a response nor a refusal. Confined to the apply thread.
   */
  public List<Applied> apply(List<LogEntry> entries, Durability durability) throws IOException {
    List<Applied> results = new ArrayList<>(entries.size());
    attempt(() -> entries.forEach(entry -> results.add(applyOnce(entry))), durability);
    return results;
  }

  private Applied applyOnce(LogEntry entry) {
    boolean known = entry.index() <= draft.standing().appliedIndex();
    return known ? Applied.before(draft.standing().revision()) : applyObserved(entry);
  }

  private Applied applyObserved(LogEntry entry) {
    int changesBefore = draft.changes().size();
    long began = System.nanoTime();
    Applied applied = applier.apply(entry);
    long took = System.nanoTime() - began;
    List<Change> changes = draft.changes();
    observer.applied(
        entry.request(), applied, changes.subList(changesBefore, changes.size()), took);
    return applied;
  }

  /**
   * Applies a change of the cluster's configuration, which is an entry of its own in the log. Like
   * {@link #apply} in everything else.
   */
  public void changeMembers(
      long index, long term, List<MemberChange> changes, Durability durability) throws IOException {
    attempt(
        () -> {
          if (index > draft.standing().appliedIndex()) {
            applier.apply(index, term, changes);
          }
        },
        durability);
  }

  private void attempt(Runnable changes, Durability durability) throws IOException {
    requireWhole();
    broken = true;
    try {
      changes.run();
      commit(durability);
    } catch (UncheckedIOException e) {
      throw takenBack(e.getCause());
    } catch (IOException e) {
      throw takenBack(e);
    }
    broken = false;
    diskFull = false;
  }

  /**
   * After a full disk, everything in memory is again what is stored. What was stored of the failed
   * attempt, a part that had to be read back, is shown and told with the next one that succeeds.
   */
  private IOException takenBack(IOException failure) {
    if (failure instanceof DiskFullException) {
      draft.takeBack();
      beside.load(store.latest());
      beside.auth().loaded(draft);
      diskFull = true;
      broken = false;
    }
    return failure;
  }

  /** Whether the last attempt to apply anything found the disk full. Thread-safe. */
  public boolean diskFull() {
    return diskFull;
  }

  /**
   * Applies the tail of another store's stream, as one write: rows keep their revisions, versions
   * and leases. {@code items} are whole revisions, the first behind {@link #revision}, and side
   * state between them; users and roles, where there are any, take the place of all that were here,
   * and nobody stays logged in. An engine either follows or has a log of its own. Like {@link
   * #apply} in everything else.
   */
  public void follow(List<StreamItem> items, Durability durability) throws IOException {
    attempt(() -> following.apply(items), durability);
    if (items.stream().anyMatch(AuthItems::isOne)) {
      AuthKeys.load(store.latest(), beside.auth());
      beside.auth().replaced();
    }
  }

  /**
   * When this returns, all that was applied before is on disk, {@link Durability#BY_LOG} or not.
   * Thread-safe: applying goes on meanwhile.
   */
  public void sync() throws IOException {
    store.sync();
  }

  private void requireWhole() {
    if (broken) {
      throw new IllegalStateException("the engine has failed; close it and open it again");
    }
  }

  private void commit(Durability durability) throws IOException {
    long began = System.nanoTime();
    long wrote;
    publishing.lock();
    try {
      draft.write(durability == Durability.SYNCED);
      wrote = System.nanoTime();
      show(draft.standing());
    } finally {
      publishing.unlock();
    }
    observer.written(durability, wrote - began, System.nanoTime() - began);
    tell();
  }

  @GuardedBy("publishing")
  private void show(Standing standing) {
    ViewState before = current;
    current = new ViewState(standing, store.view());
    before.rows().release();
  }

  /** Lets go of rows that were removed; what is visible stays the same. */
  private void refresh() {
    publishing.lock();
    try {
      show(current.standing());
    } finally {
      publishing.unlock();
    }
  }

  private void tell() {
    draft.takeCompactions().forEach(compactor::accept);
    List<Change> changes = draft.takeChanges();
    if (!changes.isEmpty()) {
      listeners.forEach(listener -> listener.changed(draft.standing().revision(), changes));
    }
  }

  /** The main revision that is visible now. */
  public long revision() {
    return current.standing().revision();
  }

  /** The index of the last entry in the visible state; 0 for none. */
  public long appliedIndex() {
    return current.standing().appliedIndex();
  }

  public long appliedTerm() {
    return current.standing().appliedTerm();
  }

  /** Must be called before the first apply. */
  public void listen(ChangeListener listener) {
    listeners.add(listener);
  }

  /** Tells {@code counting} from now on, and nobody else. */
  public void observe(EngineObserver counting) {
    observer = counting;
  }

  public Leases leases() {
    return leases;
  }

  public Alarms alarms() {
    return beside.alarms();
  }

  /** The members of the cluster, as far as the log or an import has told. Thread-safe. */
  public MemberTable members() {
    return beside.members();
  }

  /**
   * The alarm that is to be proposed because a request met the quota; empty where {@code applied}
   * did not, or the alarm is raised already.
   */
  public Optional<InternalRaftRequest> alarmAfter(Applied applied) {
    boolean met =
        applied.refusal().filter(refusal -> refusal.code() == ErrorCode.NO_SPACE).isPresent();
    if (!met || alarms().noSpace()) {
      return Optional.empty();
    }
    AlarmRequest.Builder alarm =
        AlarmRequest.newBuilder()
            .setAction(AlarmAction.ACTIVATE)
            .setMemberID(memberId)
            .setAlarm(AlarmType.NOSPACE);
    return Optional.of(InternalRaftRequest.newBuilder().setAlarm(alarm).build());
  }

  /** Users, roles and permissions; its view is thread-safe, everything else the apply thread's. */
  public AuthStore auth() {
    return beside.auth();
  }

  /** Completes once the rows that a compaction at {@code revision} supersedes are removed. */
  public CompletableFuture<Void> whenCompacted(long revision) {
    return compactor.whenDone(revision);
  }

  /** The hashes of the last compactions since the start, the newest first. */
  public List<HashKv> compactionHashes() {
    return compactor.remembered();
  }

  /** What the database takes on disk, in bytes: Status.dbSize. */
  public long sizeBytes() {
    return store.sizeBytes();
  }

  /** Of these, bytes that hold data: Status.dbSizeInUse. */
  public long sizeInUseBytes() {
    return Math.min(store.sizeBytes(), store.liveBytes());
  }

  /** Bytes that were written to the engine's log since it was opened. */
  public long loggedBytes() {
    return store.loggedBytes();
  }

  /** Views that somebody has open. */
  public long openViews() {
    return openViews.count();
  }

  /**
   * Copies the store as it is at some moment of the call into the directory {@code into}, which
   * must not exist and can then be opened by an engine. May be called while entries are applied.
   */
  public void checkpoint(Path into) throws IOException {
    store.checkpoint(into);
  }

  /** Gives space back to the file system; long, does not stop reads or writes. */
  public void defragment() throws IOException {
    store.flush();
    store.rewrite();
  }

  /** Refuses, and stays open, while a view is open; says where it was opened. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    openViews.requireNone();
    closed = true;
    compactor.close();
    current.rows().release();
    store.close();
  }
}
