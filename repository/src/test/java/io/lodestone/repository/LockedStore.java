package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.OptionalLong;

/** A store in which one entry is locked against deletion, as by S3's object lock. */
final class LockedStore implements ObjectStore {
  private final ObjectStore store;
  private final String locked;

  LockedStore(ObjectStore store, long seq) {
    this.store = store;
    this.locked = new LineageNames(Histories.LINEAGE.toString()).entry(seq);
  }

  @Override
  public String location() {
    return store.location();
  }

  @Override
  public boolean create(String name, ByteString bytes) throws IOException {
    return store.create(name, bytes);
  }

  @Override
  public void overwrite(String name, ByteString bytes) throws IOException {
    store.overwrite(name, bytes);
  }

  @Override
  public InputStream read(String name, long offset, long length) throws IOException {
    return store.read(name, offset, length);
  }

  @Override
  public OptionalLong size(String name) throws IOException {
    return store.size(name);
  }

  @Override
  public Iterator<StoredObject> list(String prefix, String startAfter) throws IOException {
    return store.list(prefix, startAfter);
  }

  @Override
  public void delete(String name) throws IOException {
    if (name.equals(locked)) {
      throw new LodestoneException(
          "cannot delete " + name + ": the server answered 403 AccessDenied", "see the lock");
    }
    store.delete(name);
  }

  @Override
  public void close() {
    store.close();
  }
}
