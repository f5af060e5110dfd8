package io.lodestone.mvcc;

import static io.lodestone.mvcc.Requests.bytes;
import static io.lodestone.mvcc.Requests.delete;
import static io.lodestone.mvcc.Requests.everything;
import static io.lodestone.mvcc.Requests.grant;
import static io.lodestone.mvcc.Requests.op;
import static io.lodestone.mvcc.Requests.put;
import static io.lodestone.mvcc.Requests.range;
import static io.lodestone.mvcc.Requests.request;
import static io.lodestone.mvcc.Requests.revoke;
import static io.lodestone.mvcc.Requests.txn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.mvcc.log.Change;
import io.lodestone.mvcc.log.LogEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EngineTest {
  @TempDir Path directory;
  private TestEngine store;

  @BeforeEach
  void open() throws Exception {
    store = new TestEngine(directory);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void anEmptyStoreIsAtRevisionOneAndHasNoKeys() {
    assertThat(store.revision()).isEqualTo(1);
    assertThat(store.range(everything())).isEqualTo(RangeResponse.getDefaultInstance());
  }

  @Test
  void putsCountVersionsAndKeepTheCreateRevisionAcrossARestart() throws Exception {
    store.apply(request(put("a", "1")));
    store.apply(request(put("a", "2")));
    store.restart();
    store.apply(request(put("a", "3")));
    KeyValue expected =
        KeyValue.newBuilder()
            .setKey(bytes("a"))
            .setValue(bytes("3"))
            .setCreateRevision(2)
            .setModRevision(4)
            .setVersion(3)
            .build();
    assertThat(store.range(range("a")).getKvsList()).containsExactly(expected);
  }

  @Test
  void aKeyThatWasDeletedStartsAgainAtVersionOne() throws Exception {
    store.applyAll(List.of(request(put("a", "1")), request(delete("a")), request(put("a", "2"))));
    KeyValue found = store.range(range("a")).getKvs(0);
    assertThat(found.getVersion()).isEqualTo(1);
    assertThat(found.getCreateRevision()).isEqualTo(4);
  }

  @Test
  void thePastStaysReadableAtEveryRevision() throws Exception {
    for (int i = 0; i < 10; i++) {
      store.apply(request(put("a", "" + i)));
      store.apply(request(put("b" + i, "")));
    }
    store.apply(request(delete("a")));
    assertThat(store.range(range("a")).getCount()).isZero();
    for (int i = 0; i < 10; i++) {
      RangeResponse past = store.range(everything().setRevision(2 + 2 * i));
      assertThat(past.getCount()).isEqualTo(1 + i);
      assertThat(past.getKvs(0).getValue()).isEqualTo(bytes("" + i));
    }
    assertThatThrownBy(() -> store.range(range("a").setRevision(23)))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FUTURE_REVISION));
  }

  @Test
  void keysWithZeroBytesKeepTheirOrderInThePast() throws Exception {
    List<String> keys = List.of("a", "a\0", "a\0\0b", "a\1", "a\1b", "b");
    for (String key : keys) {
      store.apply(request(put(key, "x")));
    }
    store.apply(request(put("zz", "x")));
    RangeResponse past = store.range(everything().setRevision(7));
    assertThat(past.getKvsList())
        .extracting(KeyValue::getKey)
        .containsExactlyElementsOf(keys.stream().map(Requests::bytes).toList());
    assertThat(store.range(range("a\0", "a\1").setRevision(7)).getCount()).isEqualTo(2);
  }

  @Test
  void aTransactionSeesItsOwnChangesAndCountsOneRevision() throws Exception {
    store.apply(request(put("a", "1")));
    TxnResponse response =
        store.respond(
            request(
                txn(
                    op(put("b", "2")),
                    op(everything()),
                    op(delete("a").setPrevKv(true)),
                    op(range("a")),
                    op(everything().setRevision(2)))),
            TxnResponse.class);
    assertThat(response.getResponses(1).getResponseRange().getCount()).isEqualTo(2);
    assertThat(response.getResponses(1).getResponseRange().getHeader().getRevision()).isEqualTo(3);
    assertThat(response.getResponses(2).getResponseDeleteRange().getPrevKvsCount()).isEqualTo(1);
    assertThat(response.getResponses(3).getResponseRange().getCount()).isZero();
    assertThat(response.getResponses(4).getResponseRange().getKvs(0).getKey())
        .isEqualTo(bytes("a"));
    assertThat(store.revision()).isEqualTo(3);
  }

  @Test
  void aTransactionThatCannotRunWhollyChangesNothing() throws Exception {
    assertThat(store.refusal(request(txn(op(put("a", "1")), op(put("b", "2").setLease(9))))))
        .isEqualTo(ErrorCode.LEASE_NOT_FOUND);
    assertThat(
            store.refusal(request(txn(op(put("a", "1")), op(put("b", "").setIgnoreValue(true))))))
        .isEqualTo(ErrorCode.KEY_NOT_FOUND);
    assertThat(store.revision()).isEqualTo(1);
    assertThat(store.rows()).isEmpty();
  }

  @Test
  void revokingALeaseDeletesItsKeysInOneRevisionInTheOrderOfTheirBytes() throws Exception {
    store.applyAll(
        List.of(
            grant(7, 10),
            request(put("b", "1").setLease(7)),
            request(put("a", "2").setLease(7)),
            request(put("c", "3").setLease(7)),
            request(put("c", "4")),
            revoke(7)));
    assertThat(store.revision()).isEqualTo(6);
    assertThat(store.range(everything()).getKvsList())
        .extracting(KeyValue::getKey)
        .containsExactly(bytes("c"));
    assertThat(store.rows().subList(4, 6))
        .extracting(row -> row.key().toStringUtf8())
        .containsExactly("a", "b");
  }

  @Test
  void anEntryCountsOnceHoweverOftenItIsOffered() throws Exception {
    List<LogEntry> entries = List.of(new LogEntry(5, 2, request(put("a", "1"))));
    store.engine().apply(entries, Durability.SYNCED);
    assertThat(store.engine().apply(entries, Durability.SYNCED)).containsExactly(Applied.before(2));
    store.restart();
    assertThat(store.engine().appliedIndex()).isEqualTo(5);
    store.engine().apply(entries, Durability.SYNCED);
    assertThat(store.revision()).isEqualTo(2);
  }

  @Test
  void listenersLearnEveryChangeWithWhatItReplaced() throws Exception {
    List<Change> seen = new ArrayList<>();
    store.engine().listen((head, changes) -> seen.addAll(changes));
    store.applyAll(List.of(request(put("a", "1")), request(put("a", "2")), request(delete("a"))));
    assertThat(seen).extracting(change -> change.record().main()).containsExactly(2L, 3L, 4L);
    assertThat(seen.get(0).previous()).isEmpty();
    assertThat(seen.get(1).previous()).contains(seen.get(0).record());
    assertThat(seen.get(2).previous()).contains(seen.get(1).record());
  }

  @Test
  void aViewStaysAsItWas() throws Exception {
    store.apply(request(put("a", "1")));
    try (EngineView view = store.engine().view()) {
      store.apply(request(put("a", "2")));
      assertThat(view.range(range("a").build()).getKvs(0).getValue()).isEqualTo(bytes("1"));
      assertThat(view.revision()).isEqualTo(2);
    }
  }

  @Test
  void theEngineDoesNotCloseUnderAReaderAndSaysWhoItIs() throws Exception {
    try (EngineView view = store.engine().view()) {
      assertThatThrownBy(() -> store.close())
          .isInstanceOf(IllegalStateException.class)
          .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
      assertThat(view.revision()).isEqualTo(1);
    }
  }

  @Test
  void aSecondOpenOfTheSameDirectoryIsRefusedWithAHint() {
    assertThatThrownBy(() -> Engine.open(directory, EngineOptions.DEFAULT))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("in use");
  }

  /** Vectors that were measured on stock etcd 3.4.23, 3.5.30 and 3.6.14. */
  @Test
  void rowsAreEtcdsOwn() throws Exception {
    store.applyAll(
        List.of(
            request(put("a", "1")),
            request(put("b", "2")),
            grant(17, 60),
            request(put("a", "2").setLease(17)),
            request(delete("b")),
            request(txn(op(put("c", "")), op(put("d", "4")), op(delete("a")))),
            request(txn(op(txn(op(put("e", "5")))), op(txn(op(delete("e")))))),
            request(put("d", "44"))));
    assertThat(store.rows())
        .extracting(row -> hex(row.rowKey()) + ":" + hex(row.value()))
        .containsExactly(
            "00000000000000025f0000000000000000:0a01611002180220012a0131",
            "00000000000000035f0000000000000000:0a01621003180320012a0132",
            "00000000000000045f0000000000000000:0a01611002180420022a01323011",
            "00000000000000055f000000000000000074:0a0162",
            "00000000000000065f0000000000000000:0a0163100618062001",
            "00000000000000065f0000000000000001:0a01641006180620012a0134",
            "00000000000000065f000000000000000274:0a0161",
            "00000000000000075f0000000000000000:0a01651007180720012a0135",
            "00000000000000075f000000000000000174:0a0165",
            "00000000000000085f0000000000000000:0a01641006180820022a023434");
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
