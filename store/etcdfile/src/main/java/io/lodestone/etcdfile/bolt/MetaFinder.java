package io.lodestone.etcdfile.bolt;

import io.lodestone.api.CorruptDataException;
import io.lodestone.api.TruncatedDataException;
import io.lodestone.api.UnsupportedFormatException;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;

/** Chooses between the two meta pages of a file, either of which may be damaged. */
final class MetaFinder {
  private final RawFile file;

  MetaFinder(RawFile file) {
    this.file = file;
  }

  /** The valid meta with the highest transaction id. */
  Meta find() throws IOException {
    if (file.size() < 2L * Layout.MIN_PAGE_BYTES) {
      throw new TruncatedDataException(
          file
              + " has only "
              + file.size()
              + " bytes; a bbolt database has two meta pages and more",
          "the copy was cut short; copy the file again, or use another one");
    }
    Optional<Meta> first = readAt(0);
    Optional<Meta> second = first.isPresent() ? readAt(first.get().pageSize()) : searchSecond();
    return Stream.of(first, second)
        .flatMap(Optional::stream)
        .max((a, b) -> Long.compareUnsigned(a.txid(), b.txid()))
        .orElseThrow(this::noMeta);
  }

  /** With the first meta gone nobody tells the page size: try them all. */
  private Optional<Meta> searchSecond() throws IOException {
    for (int size = Layout.MIN_PAGE_BYTES; size <= Layout.MAX_PAGE_BYTES; size <<= 1) {
      Optional<Meta> meta = readAt(size);
      if (meta.isPresent() && meta.get().pageSize() == size) {
        return meta;
      }
    }
    return Optional.empty();
  }

  private Optional<Meta> readAt(long pageOffset) throws IOException {
    if (pageOffset + Layout.HEADER_BYTES + Layout.META_BYTES > file.size()) {
      return Optional.empty();
    }
    byte[] bytes = file.read(pageOffset + Layout.HEADER_BYTES, Layout.META_BYTES);
    if (!Meta.isValidAt(bytes, 0)) {
      return Optional.empty();
    }
    Meta meta = Meta.decode(bytes, 0);
    if (meta.version() != Layout.VERSION) {
      throw new UnsupportedFormatException(
          file + " is a bbolt database of format version " + meta.version() + "; known is 2",
          "it was written by a newer etcd: use a newer Lodestone");
    }
    return Layout.isPageSize(meta.pageSize()) ? Optional.of(meta) : Optional.empty();
  }

  private CorruptDataException noMeta() {
    return new CorruptDataException(
        file + ": neither meta page (byte offset 0 and one page later) is valid",
        "the file is not a bbolt database, or both its heads are damaged; use another copy");
  }
}
