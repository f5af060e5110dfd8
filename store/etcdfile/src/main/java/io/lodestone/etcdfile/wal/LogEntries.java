package io.lodestone.etcdfile.wal;

import io.lodestone.api.raftpb.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Optional;

/** Reads a range of a log's entries in order. Confined to one thread. */
public final class LogEntries implements AutoCloseable {
  private final WalReader reader;
  private final LogSurvey survey;
  private final long after;
  private final long upTo;
  private Instant fileTime = Instant.EPOCH;

  LogEntries(WalReader reader, LogSurvey survey, long after, long upTo) {
    this.reader = reader;
    this.survey = survey;
    this.after = after;
    this.upTo = upTo;
  }

  /** The next entry that counts; empty behind the last. */
  public Optional<Entry> next() throws IOException {
    if (upTo <= after) {
      return Optional.empty();
    }
    for (Optional<WalRecord> record = reader.next(); record.isPresent(); record = reader.next()) {
      if (record.get().type() == RecordType.ENTRY) {
        Entry entry = record.get().parse(Entry.parser());
        if (entry.getIndex() > after
            && entry.getIndex() <= upTo
            && survey.stands(record.get().ordinal(), entry.getIndex())) {
          fileTime = Files.getLastModifiedTime(record.get().segment()).toInstant();
          return Optional.of(entry);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * When the file that held the last entry was last written: the only time a log knows, and no
   * earlier than that of its entries.
   */
  public Instant fileTime() {
    return fileTime;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
