package io.lodestone.etcdfile.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.TruncatedDataException;
import io.lodestone.api.etcdserverpb.Metadata;
import io.lodestone.api.raftpb.Entry;
import io.lodestone.api.raftpb.EntryType;
import io.lodestone.api.raftpb.HardState;
import io.lodestone.api.walpb.Snapshot;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalDamageTest {
  private static final String FIRST = "0000000000000000-0000000000000000.wal";

  @TempDir Path folder;
  private Path snap;
  private Path wal;

  @BeforeEach
  void makeFolders() throws Exception {
    snap = Files.createDirectory(folder.resolve("snap"));
    wal = Files.createDirectory(folder.resolve("wal"));
  }

  @Test
  void entriesWrittenAgainReplaceThoseBefore() throws Exception {
    write(log(entry(1, "a"), entry(2, "b"), entry(3, "c"), entry(2, "B"), entry(3, "C")));
    assertThat(read()).containsExactly("a", "B", "C");
  }

  @Test
  void aShorterRewriteCutsTheRest() throws Exception {
    write(log(entry(1, "a"), entry(2, "b"), entry(3, "c"), entry(2, "B")));
    MemberLog log = MemberLog.read(snap, wal);
    assertThat(log.lastIndex()).isEqualTo(2);
    assertThat(read()).containsExactly("a", "B");
  }

  @Test
  void aTornLastRecordEndsTheLog() throws Exception {
    byte[] whole = log(entry(1, "a"), entry(2, "b".repeat(1000)));
    write(Arrays.copyOf(whole, whole.length - 500));
    assertThat(read()).containsExactly("a");
  }

  @Test
  void zerosBehindTheLastRecordEndTheLog() throws Exception {
    byte[] whole = log(entry(1, "a"));
    write(Arrays.copyOf(whole, 100_000));
    assertThat(read()).containsExactly("a");
  }

  @Test
  void aRecordWithUnwrittenSectorsEndsTheLog() throws Exception {
    byte[] whole = log(entry(1, "a"), entry(2, "x".repeat(3000)));
    Arrays.fill(whole, whole.length - 1500, whole.length, (byte) 0);
    write(whole);
    assertThat(read()).containsExactly("a");
  }

  @Test
  void aChangedByteInTheMiddleIsNamedWithItsOffset() throws Exception {
    byte[] whole = log(entry(1, "a"), entry(2, "b".repeat(1000)), entry(3, "c"));
    whole[whole.length - 500] ^= 1;
    write(whole);
    assertThatThrownBy(this::read)
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining(FIRST)
        .hasMessageContaining("byte offset");
  }

  @Test
  void aMissingFileIsNamed() throws Exception {
    write(log(entry(1, "a")));
    Files.write(wal.resolve("0000000000000002-0000000000000005.wal"), new byte[0]);
    assertThatThrownBy(this::read)
        .isInstanceOf(TruncatedDataException.class)
        .hasMessageContaining("missing between");
  }

  @Test
  void aGapInTheEntriesIsNamed() throws Exception {
    write(log(entry(1, "a"), entry(7, "g")));
    assertThatThrownBy(this::read)
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("entries 1 to 6");
  }

  @Test
  void randomDamageEndsWithAnExplanationOrAPrefix() throws Exception {
    List<Entry> entries = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 1; i <= 200; i++) {
      expected.add("value-" + i);
      entries.add(entry(i, "value-" + i));
    }
    byte[] whole = log(entries.toArray(Entry[]::new));
    int explained = 0;
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = whole.clone();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      if (random.nextInt(3) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      write(bytes);
      try {
        List<String> read = read();
        assertThat(read).isEqualTo(expected.subList(0, read.size()));
      } catch (LodestoneException e) {
        assertThat(e.hint()).isNotBlank();
        explained++;
      }
    }
    assertThat(explained).isPositive();
  }

  private void write(byte[] bytes) throws Exception {
    Files.write(wal.resolve(FIRST), bytes);
  }

  private List<String> read() throws Exception {
    MemberLog log = MemberLog.read(snap, wal);
    List<String> values = new ArrayList<>();
    try (LogEntries entries = log.entries(0, log.lastIndex())) {
      for (Optional<Entry> entry = entries.next(); entry.isPresent(); entry = entries.next()) {
        values.add(entry.get().getData().toStringUtf8());
      }
    }
    return values;
  }

  private static byte[] log(Entry... entries) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    WalWriter writer = new WalWriter(bytes);
    writer.write(RecordType.METADATA, Metadata.newBuilder().setNodeID(1).setClusterID(2).build());
    writer.write(RecordType.SNAPSHOT, Snapshot.newBuilder().setIndex(0).setTerm(0).build());
    for (Entry entry : entries) {
      writer.write(RecordType.ENTRY, entry);
    }
    writer.write(RecordType.STATE, HardState.newBuilder().setTerm(1).setCommit(1).build());
    return bytes.toByteArray();
  }

  private static Entry entry(long index, String data) {
    return Entry.newBuilder()
        .setType(EntryType.EntryNormal)
        .setTerm(1)
        .setIndex(index)
        .setData(ByteString.copyFromUtf8(data))
        .build();
  }
}
