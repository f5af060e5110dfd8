package io.lodestone.backup.metrics;

import com.google.protobuf.ByteString;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.OptionalLong;

/** A store that counts what is written into it. Thread-safe. */
public final class MeteredStore implements ObjectStore {
  private final ObjectStore store;
  private final ClusterMetrics metrics;

  public MeteredStore(ObjectStore store, ClusterMetrics metrics) {
    this.store = store;
    this.metrics = metrics;
  }

  @Override
  public String location() {
    return store.location();
  }

  @Override
  public boolean create(String name, ByteString bytes) throws IOException {
    boolean created = store.create(name, bytes);
    if (created) {
      metrics.stored(bytes.size());
    }
    return created;
  }

  @Override
  public void overwrite(String name, ByteString bytes) throws IOException {
    store.overwrite(name, bytes);
    metrics.stored(bytes.size());
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
    store.delete(name);
  }

  @Override
  public void close() {
    store.close();
  }
}
