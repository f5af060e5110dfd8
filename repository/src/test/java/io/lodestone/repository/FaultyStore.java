package io.lodestone.repository;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.StoredObject;
import io.lodestone.repository.objects.UnreachableStoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * A store that fails as it is told. Operations that change something are counted from 1: while the
 * writer's other threads store something the count moves, so a test that tells it to fail in
 * between names the objects instead. Thread-safe.
 */
final class FaultyStore implements ObjectStore {
  private final ObjectStore store;

  @GuardedBy("this")
  private int changes;

  @GuardedBy("this")
  private int dieBefore = Integer.MAX_VALUE;

  @GuardedBy("this")
  private int runBefore = Integer.MAX_VALUE;

  @GuardedBy("this")
  private int looks;

  @GuardedBy("this")
  private int runBeforeLook = Integer.MAX_VALUE;

  @GuardedBy("this")
  private Runnable interlude = () -> {};

  @GuardedBy("this")
  private Predicate<String> loseOf = name -> false;

  @GuardedBy("this")
  private int loseFrom;

  @GuardedBy("this")
  private int losses;

  /** The process that used the store is dead; nothing of it can be seen any more. */
  static final class Died extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  FaultyStore(ObjectStore store) {
    this.store = store;
  }

  /** Dies instead of change number {@code change}, and stays dead. */
  synchronized FaultyStore dieBefore(int change) {
    dieBefore = change;
    return this;
  }

  /** Does something else, on another store, right before change number {@code change}. */
  synchronized FaultyStore runBefore(int change, Runnable other) {
    runBefore = change;
    interlude = other;
    return this;
  }

  /** The same before what is read or listed, counted apart. */
  synchronized FaultyStore runBeforeLook(int look, Runnable other) {
    runBeforeLook = look;
    interlude = other;
    return this;
  }

  /** Applies the changes from {@code change} on, {@code count} of them, but says nothing of it. */
  synchronized FaultyStore loseAnswers(int change, int count) {
    loseOf = name -> true;
    loseFrom = change;
    losses = count;
    return this;
  }

  /** Applies the next {@code count} changes of objects with such names, but says nothing of it. */
  synchronized void loseAnswersOf(Predicate<String> names, int count) {
    loseOf = names;
    loseFrom = 0;
    losses = count;
  }

  /** How many answers that were to be lost have not been yet. */
  synchronized int lossesLeft() {
    return losses;
  }

  synchronized int changes() {
    return changes;
  }

  synchronized int looks() {
    return looks;
  }

  @Override
  public String location() {
    return store.location();
  }

  @Override
  public synchronized boolean create(String name, ByteString bytes) throws IOException {
    beforeChange();
    boolean created = store.create(name, bytes);
    afterChange(name);
    return created;
  }

  @Override
  public synchronized void overwrite(String name, ByteString bytes) throws IOException {
    beforeChange();
    store.overwrite(name, bytes);
    afterChange(name);
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    beforeChange();
    store.delete(name);
    afterChange(name);
  }

  @Override
  public synchronized InputStream read(String name, long offset, long length) throws IOException {
    beforeLook();
    return store.read(name, offset, length);
  }

  @Override
  public synchronized OptionalLong size(String name) throws IOException {
    beforeLook();
    return store.size(name);
  }

  @Override
  public synchronized Iterator<StoredObject> list(String prefix, String startAfter)
      throws IOException {
    beforeLook();
    return store.list(prefix, startAfter);
  }

  @Override
  public void close() {
    store.close();
  }

  @GuardedBy("this")
  private void beforeChange() {
    changes++;
    checkAlive();
    if (changes == runBefore) {
      interlude.run();
    }
  }

  @GuardedBy("this")
  private void beforeLook() {
    looks++;
    checkAlive();
    if (looks == runBeforeLook) {
      interlude.run();
    }
  }

  @GuardedBy("this")
  private void checkAlive() {
    if (changes >= dieBefore) {
      throw new Died();
    }
  }

  @GuardedBy("this")
  private void afterChange(String name) {
    if (changes >= loseFrom && losses > 0 && loseOf.test(name)) {
      losses--;
      throw new UnreachableStoreException("the answer got lost", "try again", null);
    }
  }
}
