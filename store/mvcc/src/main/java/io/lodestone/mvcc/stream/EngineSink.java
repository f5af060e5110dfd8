package io.lodestone.mvcc.stream;

import io.lodestone.api.LodestoneException;
import io.lodestone.mvcc.rocks.RocksSettings;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.SideState;
import io.lodestone.revisions.StreamOrder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes a stream as the data directory of an engine. One-shot: everything is written beside its
 * place under a temporary name, and the directory appears, whole, at {@link #commit}, which can be
 * called once. Confined to one thread.
 *
 * <p>A compaction that the tail tells counts at once, and is carried out when the engine opens.
 */
public final class EngineSink implements RevisionSink {
  private static final long CACHE_BYTES = 48 << 20;

  private final Path target;
  private final Path temporary;
  private final CopyRules rules;
  private final RocksSettings settings;
  private final StreamOrder order = StreamOrder.atBase();
  private Import rows;
  private BesideRows beside = new BesideRows();
  private long lastRow;
  private boolean begun;
  private boolean committed;

  /** Fails with a hint where {@code target} exists; the directory around it must. */
  public EngineSink(Path target, CopyRules rules) throws IOException {
    this(target, rules, CACHE_BYTES);
  }

  /**
   * The same within other bounds of memory.
   *
   * @param cacheBytes for write buffers and cached blocks together, at least 8 MiB; with less, more
   *     is sorted on disk
   */
  public EngineSink(Path target, CopyRules rules, long cacheBytes) throws IOException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new LodestoneException(
          target + " exists already", "choose another path, or move what is there out of the way");
    }
    this.target = target.toAbsolutePath();
    this.rules = rules;
    this.temporary =
        Files.createTempDirectory(this.target.getParent(), target.getFileName() + ".partial-");
    this.settings = RocksSettings.loading(cacheBytes);
    this.rows = new Import(temporary, settings);
  }

  @Override
  public void accept(StreamItem item) throws IOException {
    order.advance(item);
    if (item instanceof RevisionRecord row) {
      rows.add(row);
      lastRow = row.main();
    } else if (item instanceof SideState state) {
      beside.accept(state);
    } else if (item instanceof BaseStart) {
      if (begun) {
        startAgain();
      }
      begun = true;
    }
  }

  private void startAgain() throws IOException {
    rows.close();
    try (Stream<Path> files = Files.list(temporary)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    rows = new Import(temporary, settings);
    beside = new BesideRows();
    lastRow = 0;
  }

  @Override
  public long commit() throws IOException {
    long complete = order.completeRevision();
    if (committed || order.inBase() || complete == 0) {
      throw new LodestoneException(
          "the stream ended before its base was complete; nothing was written",
          "read the source again from its beginning");
    }
    rows.finish(complete, lastRow > complete, beside, rules);
    rows.close();
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(target.getParent());
    committed = true;
    return complete;
  }

  private static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    if (committed) {
      return;
    }
    committed = true;
    rows.close();
    try (Stream<Path> files = Files.walk(temporary)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    }
  }
}
