package io.lodestone.revisions.digest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.RevisionRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DifferencesTest {
  private static final int KEYS = 60_000;

  @Test
  void equalKeyspacesHaveNone() throws Exception {
    List<RevisionRecord> rows = keyspace();
    assertThat(differences(rows, rows)).isEmpty();
  }

  @Test
  void aChangedAMissingAndAnAddedKeyAmongManyAreNamed() throws Exception {
    List<RevisionRecord> left = keyspace();
    List<RevisionRecord> right = new ArrayList<>(left);
    right.set(1_234, row(1_234, "changed"));
    right.remove(51_234);
    right.add(row(KEYS, "added"));
    assertThat(differences(left, right)).containsExactly(key(1_234), key(51_234), key(KEYS));
  }

  @Test
  void manyVersionsOfOneKeyDoNotHinderTheSearch() throws Exception {
    List<RevisionRecord> left = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      left.add(
          RevisionRecord.put(
              new Revision(i + 2, 0),
              KeyValue.newBuilder().setKey(key(0)).setModRevision(i + 2).build()));
    }
    assertThat(differences(left, left.subList(0, 9_999))).containsExactly(key(0));
  }

  private static List<ByteString> differences(List<RevisionRecord> left, List<RevisionRecord> right)
      throws Exception {
    return new Differences(HashKvTest.scan(left), HashKvTest.scan(right), -1, Long.MAX_VALUE)
        .keys(20);
  }

  private static List<RevisionRecord> keyspace() {
    List<RevisionRecord> rows = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      rows.add(row(i, "value"));
    }
    return rows;
  }

  private static RevisionRecord row(int i, String value) {
    KeyValue keyValue =
        KeyValue.newBuilder()
            .setKey(key(i))
            .setModRevision(i + 2)
            .setValue(ByteString.copyFromUtf8(value))
            .build();
    return RevisionRecord.put(new Revision(i + 2, 0), keyValue);
  }

  private static ByteString key(int i) {
    return ByteString.copyFromUtf8(String.format("key-%06d", i));
  }
}
