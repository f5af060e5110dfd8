package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.repository.objects.Credentials;
import io.lodestone.repository.objects.ForwardingStore;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.ObjectStores;
import io.lodestone.repository.objects.SharedS3Server;
import io.lodestone.repository.objects.SharedS3Server.Running;
import io.lodestone.repository.objects.SlowLine;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A reader that is not alone. */
@ExtendWith(SharedS3Server.class)
final class ReadAheadTest {
  private static final Logger LOG = LoggerFactory.getLogger(ReadAheadTest.class);

  /** What is measured over the slow line, in MiB that do not compress; more for real numbers. */
  private static final int MIB = Integer.getInteger("lodestone.readahead.mib", 4);

  private static final Duration DELAY =
      Duration.ofMillis(Integer.getInteger("lodestone.readahead.millis", 1));
  private static final long BYTES_PER_SECOND =
      (long) Integer.getInteger("lodestone.readahead.rate.mib", 200) << 20;

  @Test
  void soManyPartsAreUnderWayAtATime() throws Exception {
    ObjectStore memory = new MemoryObjectStore();
    Histories.write(memory, Histories.some(31), 100);
    CountDownLatch together = new CountDownLatch(3);
    ObjectStore store =
        new ForwardingStore(memory) {
          @Override
          public InputStream read(String name, long offset, long length) throws IOException {
            if (name.contains("/parts/")) {
              await(together);
            }
            return super.read(name, offset, length);
          }
        };
    RepositorySource source = Histories.source(store).readingAhead(3);
    try (RevisionStream stream = source.openAtBase(Reason.INITIAL)) {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        assertThat(item).isNotNull();
      }
    }
    assertThat(together.getCount()).isZero();
  }

  private static void await(CountDownLatch together) throws IOException {
    together.countDown();
    try {
      if (!together.await(60, TimeUnit.SECONDS)) {
        throw new IOException("the others have not come");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("stopped");
    }
  }

  @Test
  void overASlowLineTheSameIsRead(Running running) throws Exception {
    String place = running.server().bucket() + "/slow-" + System.nanoTime() + "?endpoint=";
    Credentials credentials =
        new Credentials(running.server().accessKey(), running.server().secretKey());
    try (ObjectStore near =
        ObjectStores.open("s3://" + place + running.server().endpoint(), credentials)) {
      write(near);
    }
    try (SlowLine line = new SlowLine(running.server().endpoint(), DELAY, BYTES_PER_SECOND);
        ObjectStore far = ObjectStores.open("s3://" + place + line.endpoint(), credentials)) {
      long rows = read(far, 0);
      for (int ahead : new int[] {1, 4, 8}) {
        assertThat(read(far, ahead)).isEqualTo(rows);
      }
      assertThat(rows).isEqualTo(MIB * 16L);
    }
  }

  /** A base of so many MiB in rows of 64 KiB. */
  private static void write(ObjectStore store) throws Exception {
    Random random = new Random(7);
    Instant now = Instant.parse("2026-11-20T12:00:00Z");
    WriterSettings settings = WriterSettings.DEFAULT.withUploads(2);
    try (RepositoryWriter writer =
        Repository.openOrCreate(store)
            .openWriter(Histories.CLUSTER, Histories.HOLDER, Takeover.WHEN_SILENT, settings)) {
      writer.accept(new BaseStart(new Origin(Histories.CLUSTER, 1, "3.5.30"), now, Reason.INITIAL));
      writer.accept(new Compaction(-1, -1));
      for (int i = 0; i < MIB * 16; i++) {
        byte[] value = new byte[64 << 10];
        random.nextBytes(value);
        long revision = i + 2L;
        KeyValue row =
            KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8("key-" + i))
                .setCreateRevision(revision)
                .setModRevision(revision)
                .setVersion(1)
                .setValue(ByteString.copyFrom(value))
                .build();
        writer.accept(RevisionRecord.put(new Revision(revision, 0), row));
      }
      writer.accept(new Complete(MIB * 16 + 1, now));
      assertThat(writer.commit()).isEqualTo(MIB * 16 + 1);
    }
  }

  private static long read(ObjectStore store, int ahead) throws Exception {
    long begun = System.nanoTime();
    long rows = 0;
    try (RevisionStream stream =
        Histories.source(store).readingAhead(ahead).openAtBase(Reason.INITIAL)) {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        rows += item instanceof RevisionRecord ? 1 : 0;
      }
    }
    LOG.atInfo()
        .addKeyValue("ahead", ahead)
        .addKeyValue("mib", MIB)
        .addKeyValue("seconds", (System.nanoTime() - begun) / 1e9)
        .log("read");
    return rows;
  }
}
