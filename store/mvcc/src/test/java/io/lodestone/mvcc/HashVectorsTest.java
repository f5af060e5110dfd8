package io.lodestone.mvcc;

import static io.lodestone.mvcc.Requests.compact;
import static io.lodestone.mvcc.Requests.delete;
import static io.lodestone.mvcc.Requests.grant;
import static io.lodestone.mvcc.Requests.op;
import static io.lodestone.mvcc.Requests.put;
import static io.lodestone.mvcc.Requests.request;
import static io.lodestone.mvcc.Requests.txn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.StoreException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows and hashes that were measured on stock etcd 3.4.23, 3.5.30 and 3.6.14. */
final class HashVectorsTest {
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

  private void fill() throws Exception {
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
  }

  private void compactAt(long revision) throws Exception {
    assertThat(store.apply(compact(revision)).refusal()).isEmpty();
    store.engine().whenCompacted(revision).get();
  }

  private void assertHashes(long from, long... expected) throws Exception {
    for (int i = 0; i < expected.length; i++) {
      assertThat(Integer.toUnsignedLong(store.hashKv(from + i).hash()))
          .as("at %d", from + i)
          .isEqualTo(expected[i]);
    }
  }

  @Test
  void anEmptyStore() throws Exception {
    assertHashes(0, 1084519789L);
  }

  @Test
  void beforeAnyCompaction() throws Exception {
    fill();
    assertHashes(
        2, 2587454935L, 1827592406L, 231026670L, 2038443888L, 1223713935L, 601087182L, 3468382226L);
  }

  @Test
  void afterCompactions() throws Exception {
    fill();
    compactAt(3);
    assertHashes(4, 3097484641L, 374539234L, 1652577651L, 1712311773L, 1164796705L);
    compactAt(5);
    assertHashes(6, 54108079L, 652358588L, 1879712226L);
    compactAt(8);
    assertHashes(0, 796345857L);
    assertThat(store.rows())
        .extracting(row -> row.revision().toString())
        .containsExactly("6/0", "8/0");
  }

  @Test
  void hashesOfCompactionsAreRemembered() throws Exception {
    fill();
    compactAt(3);
    assertThat(store.hashKv(3).compactRevision()).isEqualTo(-1);
    assertHashes(3, 1827592406L);
    compactAt(5);
    assertThat(store.hashKv(5).compactRevision()).isEqualTo(3);
    assertHashes(5, 374539234L);
    compactAt(8);
    assertHashes(8, 1879712226L);
    assertHashes(5, 374539234L);
    assertThatThrownBy(() -> store.hashKv(4)).isInstanceOf(StoreException.class);
  }
}
