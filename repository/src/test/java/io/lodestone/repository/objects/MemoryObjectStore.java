package io.lodestone.repository.objects;

import com.google.protobuf.ByteString;
import java.io.InputStream;
import java.util.Iterator;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The reference store: a map. Thread-safe. */
public final class MemoryObjectStore implements ObjectStore {
  private final NavigableMap<String, ByteString> objects = new TreeMap<>();

  @Override
  public String location() {
    return "memory:" + System.identityHashCode(this);
  }

  @Override
  public synchronized boolean create(String name, ByteString bytes) {
    return objects.putIfAbsent(ObjectNames.checked(name), bytes) == null;
  }

  @Override
  public synchronized void overwrite(String name, ByteString bytes) {
    objects.put(ObjectNames.checked(name), bytes);
  }

  @Override
  public synchronized InputStream read(String name, long offset, long length) {
    if (!objects.containsKey(name)) {
      throw new MissingObjectException(location(), name);
    }
    ByteString bytes = objects.get(name);
    int from = (int) Math.min(offset, bytes.size());
    int to = (int) Math.min(from + length, bytes.size());
    return bytes.substring(from, to).newInput();
  }

  @Override
  public synchronized OptionalLong size(String name) {
    ByteString bytes = objects.get(name);
    return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.size());
  }

  @Override
  public synchronized Iterator<StoredObject> list(String prefix, String startAfter) {
    return objects.tailMap(startAfter, false).entrySet().stream()
        .filter(object -> object.getKey().startsWith(prefix))
        .map(object -> new StoredObject(object.getKey(), object.getValue().size()))
        .toList()
        .iterator();
  }

  @Override
  public synchronized void delete(String name) {
    objects.remove(name);
  }

  @Override
  public void close() {
    // nothing to give back
  }
}
