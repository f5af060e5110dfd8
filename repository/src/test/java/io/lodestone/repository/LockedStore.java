package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.objects.ForwardingStore;
import io.lodestone.repository.objects.ObjectStore;
import java.io.IOException;

/** A store in which one entry is locked against deletion, as by S3's object lock. */
final class LockedStore extends ForwardingStore {
  private final String locked;

  LockedStore(ObjectStore store, long seq) {
    super(store);
    this.locked = new LineageNames(Histories.LINEAGE.toString()).entry(seq);
  }

  @Override
  public void delete(String name) throws IOException {
    if (name.equals(locked)) {
      throw new LodestoneException(
          "cannot delete " + name + ": the server answered 403 AccessDenied", "see the lock");
    }
    super.delete(name);
  }
}
