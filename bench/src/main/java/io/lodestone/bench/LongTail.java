package io.lodestone.bench;

import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositoryWriter;
import io.lodestone.repository.Takeover;
import io.lodestone.repository.WriterSettings;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.ObjectStores;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;

/**
 * A repository as an agent leaves it after a day: a base, and behind it many changes of one key
 * each, written by the repository's own writer.
 */
final class LongTail {
  private static final long CLUSTER = 0x10de;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration LASTS = Duration.ofDays(1);
  private static final int KEY_BYTES = 32;
  private static final int CHANGED_BYTES = 100;

  private final int keys;
  private final int valueBytes;
  private final int events;
  private final int entries;
  private final Random random = new Random(1);
  private final long[] versions;
  private final long[] created;

  /**
   * @param keys in the base, each with a value of {@code valueBytes}, half of it noise
   * @param events behind the base, each a put of 100 bytes to any of the keys
   * @param entries of the log that hold them
   */
  LongTail(int keys, int valueBytes, int events, int entries) {
    this.keys = keys;
    this.valueBytes = valueBytes;
    this.events = events;
    this.entries = entries;
    this.versions = new long[keys];
    this.created = new long[keys];
  }

  /** The name of a key, all of one length. */
  static ByteString key(int number) {
    String name = String.format("/registry/pods/ns-%03d/%08d", number % 500, number);
    return ByteString.copyFromUtf8(name.substring(0, Math.min(KEY_BYTES, name.length())));
  }

  void writeTo(String address) throws IOException, InterruptedException {
    try (Repository repository = Repository.openOrCreate(ObjectStores.open(address));
        RepositoryWriter writer =
            repository.openWriter(
                CLUSTER,
                new Holder("bench", "here", ProcessHandle.current().pid()),
                Takeover.FORCED,
                WriterSettings.DEFAULT)) {
      writeBase(writer);
      writeTail(writer);
    }
  }

  private void writeBase(RepositoryWriter writer) throws IOException, InterruptedException {
    writer.accept(new BaseStart(new Origin(CLUSTER, 1, "3.5.30"), START, Reason.INITIAL));
    writer.accept(new Compaction(-1, -1));
    for (int key = 0; key < keys; key++) {
      writer.accept(put(key, key + 2L, valueBytes));
    }
    writer.accept(new Complete(keys + 1L, START));
    long unused = writer.commit();
  }

  private void writeTail(RepositoryWriter writer) throws IOException, InterruptedException {
    Duration step = LASTS.dividedBy(events);
    for (int event = 1; event <= events; event++) {
      long revision = keys + 1L + event;
      writer.accept(put(random.nextInt(keys), revision, CHANGED_BYTES));
      writer.accept(new Complete(revision, START.plus(step.multipliedBy(event))));
      if (event % Math.max(1, events / entries) == 0) {
        long unused = writer.commit();
      }
    }
    long unused = writer.commit();
  }

  private RevisionRecord put(int key, long revision, int size) {
    byte[] value = new byte[size];
    random.nextBytes(value);
    Arrays.fill(value, size / 2, size, (byte) 'v');
    if (versions[key]++ == 0) {
      created[key] = revision;
    }
    return RevisionRecord.put(
        new Revision(revision, 0),
        KeyValue.newBuilder()
            .setKey(key(key))
            .setCreateRevision(created[key])
            .setModRevision(revision)
            .setVersion(versions[key])
            .setValue(ByteString.copyFrom(value))
            .build());
  }
}
