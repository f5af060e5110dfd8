package io.lodestone.repository;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.lodestone.repository.FaultyStore.Died;
import io.lodestone.repository.objects.ForwardingStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.UnreachableStoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;

/**
 * A store on a bad day: requests that do not arrive, answers that get lost, and once in a while the
 * process that used it dies, after which nothing of it is seen any more. Thread-safe.
 */
final class StormyStore extends ForwardingStore {
  private static final double LOST = 0.005;
  private static final double DIES = 0.01;

  @GuardedBy("this")
  private final Random random;

  @GuardedBy("this")
  private boolean dead;

  StormyStore(ObjectStore store, Random random) {
    super(store);
    this.random = random;
  }

  @Override
  public boolean create(String name, ByteString bytes) throws IOException {
    request(DIES);
    boolean created = super.create(name, bytes);
    answer();
    return created;
  }

  @Override
  public void overwrite(String name, ByteString bytes) throws IOException {
    request(DIES);
    super.overwrite(name, bytes);
    answer();
  }

  @Override
  public void delete(String name) throws IOException {
    request(DIES);
    super.delete(name);
    answer();
  }

  @Override
  public InputStream read(String name, long offset, long length) throws IOException {
    request(0);
    return super.read(name, offset, length);
  }

  private synchronized void request(double dies) {
    dead |= random.nextDouble() < dies;
    if (dead) {
      throw new Died();
    }
    answer();
  }

  private synchronized void answer() {
    if (random.nextDouble() < LOST) {
      throw new UnreachableStoreException("the answer got lost", "try again", null);
    }
  }
}
