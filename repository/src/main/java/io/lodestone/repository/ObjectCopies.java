package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.repository.chain.Creation;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.chain.ObjectsAhead;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings objects from one log to its copy, byte by byte: each is read whole and checked before it
 * is stored. What the copy has already is left as it is. Confined to the copying thread; reads and
 * writes of parts run on the threads that read ahead.
 */
final class ObjectCopies {
  private static final Logger LOG = LoggerFactory.getLogger(ObjectCopies.class);

  private final EntryLog from;
  private final EntryLog to;
  private final ObjectsAhead threads;
  private final LongConsumer progress;
  private long objects;
  private long bytes;
  private long present;

  ObjectCopies(EntryLog from, EntryLog to, ObjectsAhead threads, LongConsumer progress) {
    this.from = from;
    this.to = to;
    this.threads = threads;
    this.progress = progress;
  }

  long objects() {
    return objects;
  }

  long bytes() {
    return bytes;
  }

  long present() {
    return present;
  }

  /** When this returns, all parts of an entry, and what tells of their keys, are in the copy. */
  void partsOf(EntryHeader entry) throws IOException, InterruptedException {
    LineageNames names = from.names();
    Set<String> sets = new LinkedHashSet<>();
    entry.parts().forEach(part -> sets.add(part.set()));
    Map<String, Long> there = new HashMap<>();
    for (String set : sets) {
      Iterator<StoredObject> listed = to.store().list(names.parts() + set + "/", "");
      listed.forEachRemaining(object -> there.put(object.name(), object.sizeBytes()));
    }
    List<Callable<Long>> work = new ArrayList<>();
    for (PartFacts part : entry.parts()) {
      String name = names.part(part.set(), part.number());
      if (there.getOrDefault(name, -1L) == part.bytes()) {
        present++;
      } else {
        work.add(() -> create(name, from.read(part).stored()));
      }
    }
    for (String set : sets) {
      Iterator<String> indexes = from.keyIndexes(set);
      while (indexes.hasNext()) {
        String name = indexes.next();
        if (!there.containsKey(name)) {
          work.add(() -> create(name, from.readKeyIndex(name).stored()));
        }
      }
    }
    perform(work);
  }

  private void perform(List<Callable<Long>> work) throws IOException, InterruptedException {
    List<Future<Long>> underWay = new ArrayList<>();
    work.forEach(one -> underWay.add(threads.submit(one)));
    try {
      for (Future<Long> one : underWay) {
        count(ObjectsAhead.result(one));
      }
    } finally {
      settle(underWay);
    }
  }

  /** After a failure nothing goes on behind the caller's back. */
  private static void settle(List<Future<Long>> work) throws InterruptedException {
    work.forEach(one -> one.cancel(false));
    for (Future<Long> one : work) {
      try {
        Long unused = one.get();
      } catch (CancellationException | ExecutionException e) {
        LOG.atDebug().setCause(e).log("an object was not copied, as another one before it");
      }
    }
  }

  private long create(String name, ByteString content) throws IOException {
    ObjectStore store = to.store();
    if (!Creation.create(store, name, content)) {
      throw new IOException("object " + name + " exists already in the copy with other bytes");
    }
    return content.size();
  }

  /** Creates an entry or a span; false where the copy has another one of that name. */
  boolean entry(String name, ByteString content) throws IOException {
    boolean created = Creation.create(to.store(), name, content);
    if (created) {
      count(content.size());
    }
    return created;
  }

  private void count(long size) {
    objects++;
    bytes += size;
    progress.accept(bytes);
  }
}
