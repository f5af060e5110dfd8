package io.lodestone.repository.objects;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.OptionalLong;

/** A store in front of another one, which does what its subclass does not. Thread-safe. */
public abstract class ForwardingStore implements ObjectStore {
  private final ObjectStore store;

  /**
   * @param store closed with this one
   */
  protected ForwardingStore(ObjectStore store) {
    this.store = store;
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
    store.delete(name);
  }

  @Override
  public void close() {
    store.close();
  }
}
