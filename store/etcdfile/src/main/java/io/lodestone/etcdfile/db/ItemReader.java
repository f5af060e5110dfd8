package io.lodestone.etcdfile.db;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Hands out one item after another, reading as it goes; empty means that there are no more. */
@FunctionalInterface
public interface ItemReader<T> {

  Optional<T> next() throws IOException;

  static <T> ItemReader<T> of(List<? extends T> items) {
    Iterator<? extends T> iterator = items.iterator();
    return () -> iterator.hasNext() ? Optional.of(iterator.next()) : Optional.empty();
  }

  /** Everything the first has, then everything the next has. */
  static <T> ItemReader<T> concat(List<ItemReader<? extends T>> readers) {
    Iterator<ItemReader<? extends T>> rest = readers.iterator();
    return new ItemReader<>() {
      private ItemReader<? extends T> current = Optional::empty;

      @Override
      public Optional<T> next() throws IOException {
        Optional<? extends T> item = current.next();
        while (item.isEmpty() && rest.hasNext()) {
          current = rest.next();
          item = current.next();
        }
        return item.map(found -> found);
      }
    };
  }
}
