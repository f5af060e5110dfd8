package io.lodestone.mvcc;

import static io.lodestone.mvcc.Requests.bytes;
import static io.lodestone.mvcc.Requests.compact;
import static io.lodestone.mvcc.Requests.delete;
import static io.lodestone.mvcc.Requests.op;
import static io.lodestone.mvcc.Requests.put;
import static io.lodestone.mvcc.Requests.range;
import static io.lodestone.mvcc.Requests.request;
import static io.lodestone.mvcc.Requests.txn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.etcdserverpb.DeleteRangeResponse;
import io.lodestone.api.etcdserverpb.PutResponse;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.mvcc.keyspace.Head;
import io.lodestone.mvcc.keyspace.RowKeys;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Mutations;
import io.lodestone.mvcc.rocks.RocksSettings;
import io.lodestone.mvcc.rocks.RocksStore;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A long value is stored once, in the history, and read as any other. */
final class LongValuesTest {
  private static final int LONG = Head.LONG_VALUE_BYTES;
  private static final ByteString FORMAT = bytes("format");

  @TempDir Path directory;
  private final Random random = new Random(7);
  private String value;

  @BeforeEach
  void choose() {
    value = text(LONG);
  }

  private String text(int length) {
    StringBuilder text = new StringBuilder(length);
    random.ints(length, 'a', 'z').forEach(letter -> text.append((char) letter));
    return text.toString();
  }

  private static String only(RangeResponse response) {
    assertThat(response.getKvsCount()).isEqualTo(1);
    return response.getKvs(0).getValue().toStringUtf8();
  }

  @ParameterizedTest
  @ValueSource(ints = {LONG - 1, LONG, LONG + 1, 100_000})
  void valuesOfEveryLengthAreReadAlsoAfterwards(int length) throws Exception {
    String first = text(length);
    String second = text(length);
    try (TestEngine engine = new TestEngine(directory)) {
      engine.apply(request(txn(op(put("other", "1")), op(put("key", first)))));
      engine.apply(request(put("key", second)));
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThat(only(engine.range(range("key")))).isEqualTo(second);
        assertThat(only(engine.range(range("key", "kez")))).isEqualTo(second);
        assertThat(only(engine.range(range("key").setRevision(2)))).isEqualTo(first);
        engine.restart();
      }
      engine.apply(compact(3));
      engine.engine().defragment();
      assertThat(only(engine.range(range("key")))).isEqualTo(second);
    }
  }

  @Test
  void theyAreStoredOnce() throws Exception {
    try (TestEngine engine = new TestEngine(directory)) {
      engine.apply(request(put("long", value)));
      engine.apply(request(put("short", value.substring(1))));
      try (EngineView view = engine.engine().view()) {
        assertThat(view.stored().get(Family.HEAD, bytes("long")).orElseThrow().size())
            .isLessThan(64);
        assertThat(view.stored().get(Family.HEAD, bytes("short")).orElseThrow().size())
            .isGreaterThan(LONG);
      }
    }
  }

  @Test
  void changesTellWhatWasBefore() throws Exception {
    try (TestEngine engine = new TestEngine(directory)) {
      engine.apply(request(put("key", value)));
      PutResponse put =
          engine.respond(request(put("key", "short").setPrevKv(true)), PutResponse.class);
      assertThat(put.getPrevKv().getValue().toStringUtf8()).isEqualTo(value);
      engine.apply(request(put("key", value)));
      engine.apply(request(put("key", "").setIgnoreValue(true)));
      assertThat(only(engine.range(range("key")))).isEqualTo(value);
      DeleteRangeResponse deleted =
          engine.respond(request(delete("key").setPrevKv(true)), DeleteRangeResponse.class);
      KeyValue before = deleted.getPrevKvs(0);
      assertThat(before.getValue().toStringUtf8()).isEqualTo(value);
      assertThat(before.getVersion()).isEqualTo(4);
      assertThat(engine.range(range("key")).getCount()).isZero();
    }
  }

  @Test
  void keysAreListedWithoutTheirValuesAndSortedByThem() throws Exception {
    try (TestEngine engine = new TestEngine(directory)) {
      engine.apply(request(put("k1", "b" + value)));
      engine.apply(request(put("k2", "aa" + value)));
      engine.apply(request(put("k3", "ab")));
      RangeRequest.Builder all = range("k", "l");
      RangeResponse keys = engine.range(all.clone().setKeysOnly(true));
      assertThat(keys.getKvsList())
          .extracting(kv -> kv.getKey().toStringUtf8())
          .containsExactly("k1", "k2", "k3");
      assertThat(keys.getKvsList()).allMatch(kv -> kv.getValue().isEmpty());
      RangeRequest.Builder sorted =
          all.clone()
              .setSortOrder(RangeRequest.SortOrder.ASCEND)
              .setSortTarget(RangeRequest.SortTarget.VALUE);
      assertThat(engine.range(sorted.clone().setKeysOnly(true)).getKvsList())
          .extracting(kv -> kv.getKey().toStringUtf8())
          .containsExactly("k2", "k3", "k1");
    }
  }

  /** As version 1 of the format has it. */
  @Test
  void whatAnEarlierVersionStoredIsRead() throws Exception {
    try (TestEngine engine = new TestEngine(directory)) {
      engine.apply(request(put("key", value)));
    }
    KeyValue keyValue =
        KeyValue.newBuilder()
            .setKey(bytes("key"))
            .setCreateRevision(2)
            .setModRevision(2)
            .setVersion(1)
            .setValue(bytes(value))
            .build();
    ByteString sub = ByteString.copyFrom(new byte[Integer.BYTES]);
    change(
        mutations -> {
          mutations.put(Family.META, FORMAT, bytes("lodestone-engine 1"));
          mutations.put(Family.HEAD, bytes("key"), keyValue.toByteString().concat(sub));
        });
    try (TestEngine engine = new TestEngine(directory)) {
      assertThat(only(engine.range(range("key")))).isEqualTo(value);
      try (EngineView view = engine.engine().view()) {
        assertThat(view.stored().get(Family.META, FORMAT)).contains(bytes("lodestone-engine 2"));
      }
    }
  }

  @Test
  void aValueThatIsMissingInTheHistoryIsDamage() throws Exception {
    try (TestEngine engine = new TestEngine(directory)) {
      engine.apply(request(put("key", value)));
    }
    change(mutations -> mutations.delete(Family.REVISIONS, RowKeys.of(2, 0, false)));
    try (TestEngine engine = new TestEngine(directory)) {
      assertThatThrownBy(() -> engine.range(range("key")))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining("revision 2/0");
    }
  }

  private void change(Consumer<Mutations> change) throws Exception {
    try (RocksStore store = RocksStore.open(directory, RocksSettings.serving(64 << 20))) {
      Mutations mutations = store.newMutations();
      change.accept(mutations);
      store.writeDurably(mutations);
    }
  }
}
