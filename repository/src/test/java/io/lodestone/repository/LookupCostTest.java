package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.objects.CountingStore;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.StoredObject;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a look into a large repository costs: a base of many hundreds of parts, a log whose entries
 * were merged.
 */
final class LookupCostTest {
  private static final Logger LOG = LoggerFactory.getLogger(LookupCostTest.class);
  private static final LineageNames NAMES = new LineageNames(Histories.LINEAGE.toString());
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final String BASE_PARTS = NAMES.setsOf(2);

  /** 800,000 make 15,000 parts, as many as 117 GiB do. */
  private static final int KEYS = Integer.getInteger("lodestone.lookup.keys", 60_000);

  private static final int CHANGES = 3_000;
  private static final int NEVER_CHANGED = KEYS / 2;

  @TempDir static Path folder;
  private static CountingStore store;
  private static long objects;
  private static int baseIndexes;
  private static long bytes;

  @BeforeAll
  static void write() throws Exception {
    ObjectStore plain = new MemoryObjectStore();
    try (RepositoryWriter writer = Histories.writer(plain)) {
      writer.accept(
          new BaseStart(new Origin(Histories.CLUSTER, 1, "3.5.30"), START, Reason.INITIAL));
      writer.accept(new Compaction(-1, -1));
      for (int i = 0; i < KEYS; i++) {
        writer.accept(put(i + 2, key(i), 1));
      }
      writer.accept(new Complete(KEYS + 1, START));
      writer.commit();
      for (int i = 0; i < CHANGES; i++) {
        long revision = KEYS + 2L + i;
        writer.accept(put(revision, key(i % 300), 2 + i / 300));
        writer.accept(new Complete(revision, START.plusMillis(100L * i)));
        if (i % 10 == 9) {
          writer.commit();
        }
      }
      writer.commit();
    }
    Levels levels = new Levels(List.of(Duration.ofSeconds(30)), 1L << 30);
    Repository.open(plain).compact(Histories.LINEAGE, levels, Histories.SMALL_PARTS);
    Iterator<StoredObject> all = plain.list(NAMES.root(), "");
    while (all.hasNext()) {
      StoredObject next = all.next();
      bytes += next.sizeBytes();
      objects++;
      if (next.name().startsWith(BASE_PARTS) && NAMES.isKeyIndex(next.name())) {
        baseIndexes++;
      }
    }
    store = new CountingStore(plain);
  }

  private static RevisionRecord put(long revision, ByteString key, long version) {
    return RevisionRecord.put(
        new Revision(revision, 0),
        KeyValue.newBuilder()
            .setKey(key)
            .setCreateRevision(revision)
            .setModRevision(revision)
            .setVersion(version)
            .setValue(ByteString.copyFromUtf8("value at " + revision))
            .build());
  }

  private static ByteString key(int number) {
    return ByteString.copyFromUtf8(String.format("/registry/pods/%08d", number));
  }

  @Test
  void aKeyThatNeverChangedIsFoundInTheBaseByAFewObjects() throws Exception {
    assertThat(objects).isGreaterThan(900);
    Contents contents = looking();
    assertThat(contents.get(key(NEVER_CHANGED), KEYS + 1 + CHANGES).orElseThrow().main())
        .isEqualTo(NEVER_CHANGED + 2);
    assertThat(store.takeBytes()).isLessThan(bytes / 2);
    checkCost(4);
  }

  @Test
  void aKeyThatChangedLatelyIsFoundWithoutTheBase() throws Exception {
    Contents contents = looking();
    assertThat(contents.get(key(299), KEYS + 1 + CHANGES).orElseThrow().main())
        .isEqualTo(KEYS + 1 + CHANGES);
    List<String> reads = store.takeReads();
    assertThat(reads).hasSizeLessThan(20).noneMatch(name -> name.startsWith(BASE_PARTS));
  }

  @Test
  void theHistoryOfAKeyIsReadFromWhereItIs() throws Exception {
    List<KeyVersion> versions = new ArrayList<>();
    looking().history(key(NEVER_CHANGED), versions::add);
    assertThat(versions).hasSize(1);
    checkCost(4);
  }

  @Test
  void aPrefixNeedsOnlyPartsWhoseKeysAreNear() throws Exception {
    List<RevisionRecord> rows = new ArrayList<>();
    KeyRange prefix = KeyRange.prefix(ByteString.copyFromUtf8("/registry/pods/0004000"));
    looking().rows(prefix, KEYS + 1 + CHANGES, rows::add);
    assertThat(rows).hasSize(10);
    checkCost(8);
  }

  private static Contents looking() throws Exception {
    Contents contents = Repository.open(store).contents(Histories.LINEAGE, folder);
    store.takeReads();
    store.takeBytes();
    return contents;
  }

  /**
   * Of the base, so many requests for each key index; of all parts two or three. Entries themselves
   * are small.
   */
  private static void checkCost(int requestsToBase) {
    List<String> reads = store.takeReads();
    LOG.atInfo()
        .addKeyValue("objects", objects)
        .addKeyValue("keyIndexesOfBase", baseIndexes)
        .addKeyValue("requests", reads.size())
        .addKeyValue(
            "requestsToBase", reads.stream().filter(name -> name.startsWith(BASE_PARTS)).count())
        .log("looked up");
    assertThat(reads.stream().filter(name -> name.startsWith(BASE_PARTS)))
        .hasSizeBetween(2, baseIndexes * requestsToBase);
    assertThat(
            reads.stream()
                .filter(name -> name.startsWith(NAMES.parts()) && !NAMES.isKeyIndex(name)))
        .hasSizeBetween(1, 4);
    assertThat(reads).hasSizeLessThan(200);
  }
}
