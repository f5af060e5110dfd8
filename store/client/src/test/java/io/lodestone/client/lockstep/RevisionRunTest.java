package io.lodestone.client.lockstep;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that make whichever revision is next, against stock etcd. */
final class RevisionRunTest {
  @TempDir Path folder;

  private static List<RevisionRecord> records(List<StreamItem> items) {
    return items.stream()
        .filter(RevisionRecord.class::isInstance)
        .map(RevisionRecord.class::cast)
        .toList();
  }

  private static OptionalLong send(RevisionRun.Request request, Destination destination) {
    return request.made(destination.connection.write(KVGrpc.getTxnMethod(), request.txn()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void requestsInAnyOrderMakeRevisionsInTheirs(String minor) throws Exception {
    MadeHistory history = new MadeHistory();
    List<List<RevisionRecord>> revisions =
        List.of(
            records(history.put("a", "1").put("x", "1").commit()),
            records(history.put("b", "1").commit()),
            records(history.put("a", "2").commit()),
            records(history.delete("x").put("b", "2").commit()),
            records(history.put("a", "3").commit()),
            records(history.put("c", "1").commit()));
    // What puts x is behind: a key that is deleted is not changed elsewhere in a run.
    RevisionRun run = new RevisionRun();
    for (int i = 1; i < revisions.size(); i++) {
      assertThat(run.add(i + 2, revisions.get(i))).isTrue();
    }
    try (Destination destination =
        new Destination(EtcdCluster.of(EtcdRelease.of(minor), folder).start())) {
      RevisionRun first = new RevisionRun();
      assertThat(first.add(2, revisions.get(0))).isTrue();
      assertThat(send(first.request(2, 2).orElseThrow(), destination)).hasValue(2);
      List<RevisionRun.Request> requests = new ArrayList<>();
      for (long own = 3; own <= 7; own++) {
        requests.add(run.request(3, own).orElseThrow());
      }
      Collections.shuffle(requests, new Random(5));
      for (long late = 0; destination.connection.revision() < 7; late++) {
        assertThat(late).as("each turn makes at least one").isLessThan(5);
        for (RevisionRun.Request request : requests) {
          long before = destination.connection.revision();
          boolean tooLate = before >= request.to();
          assertThat(send(request, destination))
              .isEqualTo(tooLate ? OptionalLong.empty() : OptionalLong.of(before + 1));
          assertThat(destination.connection.revision()).isEqualTo(tooLate ? before : before + 1);
        }
      }
      destination.assertHash(history.rows(), -1, 7);
    }
  }

  @Test
  void aKeyThatIsDeletedMayNotBeChangedElsewhereInTheRun() {
    MadeHistory history = new MadeHistory();
    List<RevisionRecord> put = records(history.put("a", "1").commit());
    List<RevisionRecord> deletion = records(history.delete("a").commit());
    List<RevisionRecord> again = records(history.put("a", "2").commit());
    List<RevisionRecord> comeAndGone = records(history.put("b", "1").delete("b").commit());
    RevisionRun puts = new RevisionRun();
    assertThat(puts.add(2, put)).isTrue();
    assertThat(puts.add(3, deletion)).isFalse();
    RevisionRun deletes = new RevisionRun();
    assertThat(deletes.add(3, deletion)).isTrue();
    assertThat(deletes.add(4, again)).isFalse();
    assertThat(deletes.size()).isEqualTo(1);
    assertThat(new RevisionRun().add(5, comeAndGone)).isFalse();
  }

  @Test
  void aRequestTakesNoMoreThanItsShareOfTheDestinationsLog() {
    MadeHistory history = new MadeHistory();
    RevisionRun run = new RevisionRun();
    for (int i = 0; i < 10; i++) {
      ByteString value = ByteString.copyFrom(new byte[1000]);
      assertThat(run.add(i + 2, records(history.put("k" + i, value, 0).commit()))).isTrue();
    }
    assertThat(run.request(2, 2).orElseThrow().to()).isEqualTo(5);
    assertThat(run.request(2, 5)).isPresent();
    assertThat(run.request(2, 6)).isEmpty();
    assertThat(run.request(10, 11).orElseThrow().to()).isEqualTo(11);
    ByteString large = ByteString.copyFrom(new byte[3000]);
    assertThat(run.add(12, records(history.put("large", large, 0).commit()))).isFalse();
  }
}
