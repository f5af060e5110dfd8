package io.lodestone.raft.ratis;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What waits to be proposed. While one entry is under way, everything that comes meanwhile goes
 * into the next: an entry costs much, a command in it little. Only a full entry does not wait for
 * the one before. Without a leader it waits; where the leader changes, what is under way to the old
 * one is no longer waited for.
 *
 * <p>Thread-safe. Who offers sends, where nothing is under way; else its own thread, afterwards.
 * The queue is bounded: {@link #offer} refuses.
 */
final class Outbox implements AutoCloseable {
  /** Brings commands to where they get proposed. Thread-safe. */
  interface Carrier {
    /** Never waits for a disk or a network. The future never fails. */
    CompletableFuture<Delivery> carry(Route route, List<byte[]> commands, int sizeBytes);
  }

  /** What became of commands. */
  enum Delivery {
    /** They were proposed, or may have been. */
    PROPOSED,
    /** Certainly not. */
    REFUSED
  }

  private static final int LONGEST_QUEUE = 8192;
  private static final int LARGEST_ENTRY = 512;
  private static final int LARGEST_ENTRY_BYTES = 1 << 20;
  private static final int MOST_UNDER_WAY = 4;
  private static final long LOOK_AGAIN_MILLIS = 20;
  private static final long IDLE_MILLIS = 1000;

  private final Supplier<Route> leader;
  private final Carrier carrier;
  private final Consumer<Throwable> failed;
  private final Thread sender = new Thread(this::run, "raft-propose");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final Deque<Parcel> queue = new ArrayDeque<>();

  @GuardedBy("lock")
  private long queuedBytes;

  @GuardedBy("lock")
  private Voyage voyage = new Voyage(Route.NONE);

  @GuardedBy("lock")
  private boolean stopping;

  /** Entries under way on one route. */
  private static final class Voyage {
    private final Route route;
    private int underWay;
    private boolean refused;

    Voyage(Route route) {
      this.route = route;
    }
  }

  private record Load(Voyage voyage, List<Parcel> parcels, int sizeBytes) {}

  /** {@code failed} is told where nothing more can be sent. */
  Outbox(Supplier<Route> leader, Carrier carrier, Consumer<Throwable> failed) {
    this.leader = leader;
    this.carrier = carrier;
    this.failed = failed;
    sender.setDaemon(true);
  }

  void start() {
    sender.start();
  }

  /** False where too much waits already. */
  boolean offer(Parcel parcel) {
    boolean goes;
    lock.lock();
    try {
      if (queue.size() >= LONGEST_QUEUE || stopping) {
        return false;
      }
      queue.addLast(parcel);
      queuedBytes += parcel.commands().length;
      goes = voyage.underWay == 0 || isFull();
    } finally {
      lock.unlock();
    }
    if (goes) {
      sendNow();
    }
    return true;
  }

  private void sendNow() {
    Route route = leader.get();
    Optional<Load> load;
    lock.lock();
    try {
      load = loadFor(route);
      if (load.isEmpty() && voyage.underWay == 0) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
    try {
      load.ifPresent(this::send);
    } catch (RuntimeException e) {
      failed.accept(e);
    }
  }

  /** Whether anything waits for an entry before it to come back. */
  boolean waits() {
    lock.lock();
    try {
      return voyage.underWay > 0 && !queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Puts back, to the front, what was taken and refused. */
  void again(Parcel parcel) {
    lock.lock();
    try {
      queue.addFirst(parcel);
      queuedBytes += parcel.commands().length;
    } finally {
      lock.unlock();
    }
  }

  /** To be called when another member leads, or this one has become ready to. */
  void leaderChanged() {
    lock.lock();
    try {
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      Optional<Load> load = next();
      while (load.isPresent()) {
        send(load.get());
        load = next();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      failed.accept(e);
    }
  }

  /** Empty at the end. */
  private Optional<Load> next() throws InterruptedException {
    while (true) {
      Route route = leader.get();
      lock.lock();
      try {
        if (stopping) {
          return Optional.empty();
        }
        Optional<Load> load = loadFor(route);
        if (load.isPresent()) {
          return load;
        }
        changed.await(queue.isEmpty() ? IDLE_MILLIS : LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        voyage.refused = false;
      } finally {
        lock.unlock();
      }
    }
  }

  /** Empty where nothing goes now. */
  @GuardedBy("lock")
  private Optional<Load> loadFor(Route route) {
    if (!voyage.route.equals(route)) {
      voyage = new Voyage(route);
    }
    return mayGo() && !stopping ? Optional.of(load()) : Optional.empty();
  }

  @GuardedBy("lock")
  private boolean mayGo() {
    if (queue.isEmpty() || voyage.route.equals(Route.NONE) || voyage.refused) {
      return false;
    }
    return voyage.underWay == 0 || (voyage.underWay < MOST_UNDER_WAY && isFull());
  }

  @GuardedBy("lock")
  private boolean isFull() {
    return queue.size() >= LARGEST_ENTRY || queuedBytes >= LARGEST_ENTRY_BYTES;
  }

  @GuardedBy("lock")
  private Load load() {
    List<Parcel> parcels = new ArrayList<>();
    int sizeBytes = 0;
    while (!queue.isEmpty()
        && parcels.size() < LARGEST_ENTRY
        && (parcels.isEmpty()
            || sizeBytes + queue.getFirst().commands().length <= LARGEST_ENTRY_BYTES)) {
      Parcel parcel = queue.removeFirst();
      queuedBytes -= parcel.commands().length;
      if (parcel.take()) {
        parcels.add(parcel);
        sizeBytes += parcel.commands().length;
      }
    }
    voyage.underWay++;
    return new Load(voyage, parcels, sizeBytes);
  }

  private void send(Load load) {
    Route route = load.voyage().route;
    boolean leaves = route instanceof Route.There;
    List<Parcel> sent = new ArrayList<>();
    int sizeBytes = load.sizeBytes();
    for (Parcel parcel : load.parcels()) {
      if (leaves && parcel.stays()) {
        parcel.refused();
        sizeBytes -= parcel.commands().length;
      } else {
        sent.add(parcel);
      }
    }
    if (sent.isEmpty()) {
      arrived(load.voyage(), Delivery.PROPOSED, sent);
      return;
    }
    List<byte[]> commands = sent.stream().map(Parcel::commands).toList();
    CompletableFuture<Delivery> delivered = carrier.carry(route, commands, sizeBytes);
    var unused = delivered.thenAccept(delivery -> arrived(load.voyage(), delivery, sent));
  }

  private void arrived(Voyage on, Delivery delivery, List<Parcel> parcels) {
    if (delivery == Delivery.PROPOSED) {
      parcels.forEach(Parcel::proposed);
    } else {
      for (int i = parcels.size() - 1; i >= 0; i--) {
        parcels.get(i).refused();
      }
    }
    lock.lock();
    try {
      on.underWay--;
      on.refused = delivery == Delivery.REFUSED;
      if (!on.refused && !queue.isEmpty()) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** What still waits stays where it is. */
  @Override
  public void close() {
    lock.lock();
    try {
      stopping = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    try {
      sender.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
