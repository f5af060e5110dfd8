package io.lodestone.repository;

import com.google.common.collect.AbstractIterator;
import com.google.common.collect.Iterators;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.chain.SpanName;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;

/**
 * All objects that belong to the entries [first, last]: the entries, what stands for some of them,
 * and the parts of both. Not what stands for exactly all of them as expired. Confined to one
 * thread.
 */
final class SpannedObjects {
  private final EntryLog log;
  private final long first;
  private final long last;

  SpannedObjects(EntryLog log, long first, long last) {
    this.log = log;
    this.first = first;
    this.last = last;
  }

  /** In the order in which they may be deleted; fetched page by page. */
  Iterator<StoredObject> iterator() throws IOException {
    LineageNames names = log.names();
    SpanName expired = SpanName.expired(first, last);
    Iterator<StoredObject> spans =
        Iterators.filter(
            numbered(names.spans()),
            object ->
                names
                    .spanOf(object.name())
                    .filter(span -> span.isWithin(first, last) && !span.equals(expired))
                    .isPresent());
    return Iterators.concat(
        List.of(numbered(names.entries()), spans, numbered(names.parts())).iterator());
  }

  /** Those below a directory whose names begin with a number in [first, last]. */
  private Iterator<StoredObject> numbered(String directory) throws IOException {
    String end = LineageNames.behind(directory, last);
    Iterator<StoredObject> listed =
        log.store().list(directory, LineageNames.behind(directory, first - 1));
    return new AbstractIterator<>() {
      @Override
      protected StoredObject computeNext() {
        if (!listed.hasNext()) {
          return endOfData();
        }
        StoredObject object = listed.next();
        return object.name().compareTo(end) < 0 ? object : endOfData();
      }
    };
  }
}
