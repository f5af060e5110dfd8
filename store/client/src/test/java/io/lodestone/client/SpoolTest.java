package io.lodestone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.Revision;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpoolTest {
  private static final long PLENTY = 1L << 40;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {0, 200, 5_000, PLENTY})
  void everyItemComesBackAsItWasWhateverFitsInMemory(long memory) throws Exception {
    List<StreamItem> items =
        List.of(
            row(5, 0, 1_000),
            RevisionRecord.delete(new Revision(5, 1), ByteString.copyFromUtf8("gone")),
            new Complete(5, Instant.parse("2026-01-02T03:04:05.678901234Z")),
            new Compaction(4, -1),
            new LeaseState(new LeaseId(-3), 60, 59),
            new LeaseGone(new LeaseId(7)),
            row(6, 0, 600_000));
    try (Spool spool = new Spool(folder, memory, PLENTY)) {
      for (StreamItem item : items) {
        spool.append(item);
      }
      spool.publish();

      assertThat(drain(spool)).isEqualTo(items);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void orderSurvivesAnyInterleavingOfWritingTakingBackAndReading(long seed) throws Exception {
    Random random = new Random(seed);
    List<StreamItem> expected = new ArrayList<>();
    List<StreamItem> read = new ArrayList<>();
    try (Spool spool = new Spool(folder, 20_000, PLENTY)) {
      for (long main = 1; main <= 500; main++) {
        List<StreamItem> revision = revision(random, main);
        for (StreamItem item : revision) {
          spool.append(item);
        }
        if (random.nextInt(4) == 0) {
          spool.rollback();
        } else {
          spool.publish();
          expected.addAll(revision);
        }
        for (int i = random.nextInt(random.nextInt(10) == 0 ? 300 : 6); i > 0; i--) {
          poll(spool).ifPresent(read::add);
        }
      }
      read.addAll(drain(spool));

      assertThat(read).as("seed %d", seed).isEqualTo(expected);
    }
  }

  @Test
  void whatIsNotPublishedCannotBeRead() throws Exception {
    try (Spool spool = new Spool(folder, 0, PLENTY)) {
      spool.append(row(1, 0, 300_000));
      assertThat(poll(spool)).isEmpty();

      spool.publish();
      assertThat(poll(spool)).isPresent();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, PLENTY})
  void aBaseKeepsItsPlaceAmongTheItems(long memory) throws Exception {
    PendingBase base =
        new PendingBase(Reason.COMPACTED, Origin.UNKNOWN, 1, 1, new CompletableFuture<>());
    try (Spool spool = new Spool(folder, memory, PLENTY)) {
      spool.append(row(1, 0, 10));
      spool.appendBase(base);
      spool.append(row(2, 0, 10));
      spool.publish();

      assertThat(spool.poll(Duration.ZERO)).contains(new Spooled.Item(row(1, 0, 10)));
      assertThat(spool.poll(Duration.ZERO)).contains(new Spooled.Base(base));
      assertThat(spool.poll(Duration.ZERO)).contains(new Spooled.Item(row(2, 0, 10)));
    }
  }

  @Test
  void filesThatWereReadAreDeletedAndTheirSpaceCountsAgain() throws Exception {
    try (Spool spool = new Spool(folder, 0, 80L << 20)) {
      for (int main = 1; main <= 300; main++) {
        spool.append(row(main, 0, 1 << 20));
        spool.publish();
        assertThat(poll(spool)).isPresent();
      }
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files).hasSizeLessThanOrEqualTo(2);
      }
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void theLimitOfTheDiskIsAClearError() throws Exception {
    try (Spool spool = new Spool(folder, 0, 1_000)) {
      spool.append(row(1, 0, 500));

      assertThatThrownBy(() -> spool.append(row(1, 1, 500)))
          .isInstanceOf(LodestoneException.class)
          .hasMessageContaining("1000 bytes of changes wait");
    }
  }

  @Test
  void aFailureComesBehindWhatWasPublished() throws Exception {
    try (Spool spool = new Spool(folder, PLENTY, PLENTY)) {
      spool.append(row(1, 0, 1));
      spool.publish();
      spool.fail(new LodestoneException("no more", ""));

      assertThat(poll(spool)).isPresent();
      assertThatThrownBy(() -> poll(spool)).hasMessage("no more");
    }
  }

  @Test
  void aByteThatChangedOnDiskIsNoticed() throws Exception {
    try (Spool spool = new Spool(folder, 0, PLENTY)) {
      spool.append(row(1, 0, 1_000));
      spool.publish();
      damage(folder.resolve("tail-0.spool"), 500);

      assertThatThrownBy(() -> poll(spool)).isInstanceOf(CorruptDataException.class);
    }
  }

  private static void damage(Path file, long at) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {42}), at);
    }
  }

  private static RevisionRecord row(long main, long sub, int size) {
    return new RevisionRecord(new Revision(main, sub), false, ByteString.copyFrom(new byte[size]));
  }

  private static List<StreamItem> revision(Random random, long main) {
    List<StreamItem> items = new ArrayList<>();
    int records = 1 + random.nextInt(5);
    for (int sub = 0; sub < records; sub++) {
      boolean large = random.nextInt(50) == 0;
      items.add(row(main, sub, random.nextInt(large ? 700_000 : 3_000)));
    }
    items.add(new Complete(main, Instant.EPOCH.plusSeconds(main)));
    return items;
  }

  private static Optional<StreamItem> poll(Spool spool) throws Exception {
    return spool.poll(Duration.ZERO).map(entry -> ((Spooled.Item) entry).item());
  }

  private static List<StreamItem> drain(Spool spool) throws Exception {
    List<StreamItem> items = new ArrayList<>();
    for (Optional<StreamItem> item = poll(spool); item.isPresent(); item = poll(spool)) {
      items.add(item.get());
    }
    return items;
  }
}
