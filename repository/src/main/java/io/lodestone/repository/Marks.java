package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.chain.Creation;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.format.HeaderJson;
import io.lodestone.repository.objects.MissingObjectException;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The marks of one lineage, an object each. A mark is set first and checked then, an expiry
 * announces itself first and looks for marks then: one of the two sees the other.
 */
final class Marks {
  private static final int MAX_BYTES = 4 << 10;

  private final EntryLog log;

  Marks(EntryLog log) {
    this.log = log;
  }

  /** Ascending by revision. */
  List<Mark> list() throws IOException {
    List<Mark> marks = new ArrayList<>();
    Iterator<StoredObject> listed = log.store().list(log.names().marks(), "");
    while (listed.hasNext()) {
      read(listed.next().name()).ifPresent(marks::add);
    }
    return marks;
  }

  /** Empty where the mark was taken away meanwhile. */
  private Optional<Mark> read(String name) throws IOException {
    try (InputStream in = log.store().read(name, 0, MAX_BYTES)) {
      return Optional.of(HeaderJson.read(Mark.class, name, ByteString.readFrom(in)));
    } catch (MissingObjectException e) {
      return Optional.empty();
    }
  }

  /** Fails where the revision cannot be restored; the mark is durable when this returns. */
  void set(Mark mark) throws IOException {
    String name = log.names().mark(mark.revision());
    boolean marked = Creation.create(log.store(), name, HeaderJson.write(mark));
    try {
      History.read(new EntryLog(log.store(), log.cipher(), log.names().lineage()))
          .covering(mark.revision());
    } catch (LodestoneException e) {
      if (marked) {
        log.store().delete(name);
      }
      throw e;
    }
  }

  /** Takes a mark away; fails where there is none. */
  void remove(long revision) throws IOException {
    String name = log.names().mark(revision);
    if (log.store().size(name).isEmpty()) {
      throw new LodestoneException(
          "revision " + revision + " of lineage " + log.names().lineage() + " is not marked",
          "marked are the revisions " + list().stream().map(Mark::revision).toList());
    }
    log.store().delete(name);
  }
}
