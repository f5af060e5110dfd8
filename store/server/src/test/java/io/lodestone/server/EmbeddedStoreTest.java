package io.lodestone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.lodestone.api.LodestoneException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The store inside this process, used by jetcd as anybody would. */
@Timeout(120)
final class EmbeddedStoreTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  private static Client client(EmbeddedStore store) {
    return Client.builder().endpoints(store.endpoint()).build();
  }

  @Test
  void jetcdReadsWhatItWrites() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.builder().start();
        Client client = client(store)) {
      for (int i = 0; i < 100; i++) {
        client.getKVClient().put(bytes("k" + i), bytes("v" + i)).get();
      }

      var one = client.getKVClient().get(bytes("k7")).get();
      var all =
          client.getKVClient().get(bytes("k"), GetOption.builder().isPrefix(true).build()).get();

      assertThat(one.getKvs().get(0).getValue()).isEqualTo(bytes("v7"));
      assertThat(all.getCount()).isEqualTo(100);
      assertThat(all.getHeader().getRevision()).isEqualTo(101);
    }
  }

  @Test
  void jetcdComparesAndSwaps() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.builder().start();
        Client client = client(store)) {
      Cmp absent = new Cmp(bytes("k"), Cmp.Op.EQUAL, CmpTarget.version(0));
      Op put = Op.put(bytes("k"), bytes("v"), PutOption.DEFAULT);

      assertThat(client.getKVClient().txn().If(absent).Then(put).commit().get().isSucceeded())
          .isTrue();
      assertThat(client.getKVClient().txn().If(absent).Then(put).commit().get().isSucceeded())
          .isFalse();
    }
  }

  @Test
  void aLeaseTakesItsKeysAlong() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.builder().start();
        Client client = client(store)) {
      LeaseGrantResponse lease = client.getLeaseClient().grant(2).get();
      client
          .getKVClient()
          .put(bytes("k"), bytes("v"), PutOption.builder().withLeaseId(lease.getID()).build())
          .get();

      await()
          .atMost(PATIENCE)
          .until(() -> client.getKVClient().get(bytes("k")).get().getCount() == 0);
    }
  }

  @Test
  void aLockIsHandedOn() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.builder().start();
        Client client = client(store)) {
      long first = client.getLeaseClient().grant(60).get().getID();
      long second = client.getLeaseClient().grant(60).get().getID();
      ByteSequence held = client.getLockClient().lock(bytes("door"), first).get().getKey();
      CompletableFuture<ByteSequence> waiting =
          client.getLockClient().lock(bytes("door"), second).thenApply(done -> done.getKey());
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  client
                          .getKVClient()
                          .get(bytes("door/"), GetOption.builder().isPrefix(true).build())
                          .get()
                          .getCount()
                      == 2);

      assertThat(waiting).isNotDone();
      client.getLockClient().unlock(held).get();

      assertThat(waiting.get(10, TimeUnit.SECONDS).toString(StandardCharsets.UTF_8))
          .isEqualTo("door/" + Long.toHexString(second));
    }
  }

  @Test
  void anElectionHasOneWinnerAtATime() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.builder().start();
        Client client = client(store)) {
      long first = client.getLeaseClient().grant(60).get().getID();
      long second = client.getLeaseClient().grant(60).get().getID();
      var leader =
          client.getElectionClient().campaign(bytes("e"), first, bytes("one")).get().getLeader();
      var next = client.getElectionClient().campaign(bytes("e"), second, bytes("two"));

      client.getElectionClient().proclaim(leader, bytes("uno")).get();
      assertThat(client.getElectionClient().leader(bytes("e")).get().getKv().getValue())
          .isEqualTo(bytes("uno"));
      client.getElectionClient().resign(leader).get();

      next.get(10, TimeUnit.SECONDS);
      assertThat(client.getElectionClient().leader(bytes("e")).get().getKv().getValue())
          .isEqualTo(bytes("two"));
    }
  }

  @Test
  void dataAndIdentitySurviveARestart(@TempDir Path folder) throws Exception {
    long member;
    try (EmbeddedStore store = EmbeddedStore.builder().dataDir(folder).start();
        Client client = client(store)) {
      member = client.getKVClient().put(bytes("k"), bytes("v")).get().getHeader().getMemberId();
    }

    try (EmbeddedStore store =
            EmbeddedStore.builder().dataDir(folder).flags("--name=other").start();
        Client client = client(store)) {
      var found = client.getKVClient().get(bytes("k")).get();
      assertThat(found.getKvs().get(0).getValue()).isEqualTo(bytes("v"));
      assertThat(found.getHeader().getMemberId()).isEqualTo(member);
    }
  }

  @Test
  void aDirectoryIsServedOnce(@TempDir Path folder) throws Exception {
    try (EmbeddedStore store = EmbeddedStore.builder().dataDir(folder).start()) {
      assertThat(store.endpoint()).startsWith("http://127.0.0.1:");
      assertThatThrownBy(() -> EmbeddedStore.builder().dataDir(folder).start())
          .isInstanceOf(LodestoneException.class);
    }
  }

  @Test
  void aTakenPortIsTold() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.builder().start()) {
      int port = Integer.parseInt(store.target().substring(store.target().indexOf(':') + 1));
      assertThatThrownBy(() -> EmbeddedStore.builder().port(port).start())
          .hasMessageContaining(String.valueOf(port));
    }
  }
}
