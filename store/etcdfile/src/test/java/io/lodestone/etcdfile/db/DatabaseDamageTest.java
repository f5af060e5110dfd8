package io.lodestone.etcdfile.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.Revision;
import io.lodestone.api.UnsupportedFormatException;
import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.etcdfile.bolt.BoltWriter;
import io.lodestone.revisions.BrokenStreamException;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.LeasePolicy;
import io.lodestone.revisions.RandomHistory;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AlarmState;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.MemberState;
import io.lodestone.revisions.StreamItem.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseDamageTest {
  private static final Member MEMBER =
      Member.newBuilder()
          .setID(-5)
          .setName("m \"1\" <&>")
          .addPeerURLs("http://a:1")
          .addClientURLs("http://a:2")
          .build();

  @TempDir Path folder;

  @Test
  void randomDamageEndsWithAnExplanationOrACleanResult() throws Exception {
    byte[] intact = Files.readAllBytes(writeSnapshot());
    int explained = 0;
    Random random = new Random(5);
    for (int i = 0; i < 400; i++) {
      byte[] bytes = intact.clone();
      for (int flips = 1 + random.nextInt(20); flips > 0; flips--) {
        bytes[8192 + random.nextInt(bytes.length - 8192)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        readAll(Files.write(folder.resolve("damaged.db"), bytes));
      } catch (LodestoneException e) {
        assertThat(e.hint()).isNotBlank();
        explained++;
      }
    }
    assertThat(explained).isPositive();
  }

  @Test
  void membersComeBackAndAlarmsStayBehind() throws Exception {
    List<StreamItem> items = readAll(writeSnapshot());
    assertThat(items).contains(new MemberState(MEMBER));
    assertThat(items).noneMatch(AlarmState.class::isInstance);
  }

  @Test
  void aBoltFileOfSomebodyElseIsNotADatabaseOfEtcd() throws Exception {
    Path file = folder.resolve("other.db");
    try (BoltWriter writer = BoltWriter.create(file)) {
      writer.bucket("things");
      writer.finish();
    }
    assertThatThrownBy(() -> EtcdDatabase.open(file))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining("without a bucket \"key\"");
  }

  @Test
  void anExistingFileIsRefused() throws Exception {
    Path file = writeSnapshot();
    assertThatThrownBy(() -> new SnapshotFileSink(file, CopyRules.EXACT))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("exists already");
  }

  @Test
  void aBaseThatNeverCompletedCannotBeCommitted() throws Exception {
    try (RevisionSink sink = new SnapshotFileSink(folder.resolve("new.db"), CopyRules.EXACT)) {
      sink.accept(items().get(0));
      assertThatThrownBy(sink::commit)
          .isInstanceOf(LodestoneException.class)
          .hasMessageContaining("before its base was complete");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aRevisionWithoutARecordCannotBeRepresented() throws Exception {
    try (RevisionSink sink = new SnapshotFileSink(folder.resolve("new.db"), CopyRules.EXACT)) {
      sink.accept(items().get(0));
      sink.accept(StreamItem.Compaction.NEVER);
      sink.accept(new Complete(9, Instant.EPOCH));
      assertThatThrownBy(sink::commit).isInstanceOf(BrokenStreamException.class);
    }
  }

  @Test
  void aBumpLeavesAnEmptyRowWhereTheStoreGoesOn() throws Exception {
    Path file = folder.resolve("bumped.db");
    try (RevisionSink sink = new SnapshotFileSink(file, new CopyRules(LeasePolicy.FULL, 1000))) {
      for (StreamItem item : items()) {
        sink.accept(item);
      }
      assertThat(sink.commit()).isEqualTo(60);
    }
    try (EtcdDatabase database = EtcdDatabase.open(file)) {
      assertThat(database.revision()).isEqualTo(1060);
      assertThat(database.compaction().scheduled()).isEqualTo(1060);
      assertThat(database.rowsFrom(1060).next())
          .hasValueSatisfying(
              row -> {
                assertThat(row.revision()).isEqualTo(new Revision(1060, 0));
                assertThat(row.value()).isEqualTo(ByteString.EMPTY);
              });
    }
  }

  private Path writeSnapshot() throws Exception {
    Path file = folder.resolve("snapshot.db");
    try (RevisionSink sink = new SnapshotFileSink(file, CopyRules.EXACT)) {
      for (StreamItem item : items()) {
        sink.accept(item);
      }
      sink.commit();
    }
    return file;
  }

  /** A history of 60 revisions, with a member and an alarm behind its compaction mark. */
  private static List<StreamItem> items() {
    List<StreamItem> items = new ArrayList<>(new RandomHistory(3).stream(40, 60));
    AlarmMember alarm = AlarmMember.newBuilder().setMemberID(7).setAlarm(AlarmType.NOSPACE).build();
    items.add(2, new MemberState(MEMBER));
    items.add(2, new AlarmState(alarm));
    return items;
  }

  private static List<StreamItem> readAll(Path file) throws Exception {
    List<StreamItem> items = new ArrayList<>();
    try (RevisionStream stream = new SnapshotFileSource(file).openAtBase(Reason.INITIAL)) {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        items.add(item);
      }
    }
    return items;
  }
}
