package io.lodestone.client.lockstep;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that make whichever revision is next, against stock etcd. */
final class RevisionWindowTest {
  @TempDir Path folder;

  private static List<RevisionRecord> records(List<StreamItem> items) {
    return items.stream()
        .filter(RevisionRecord.class::isInstance)
        .map(RevisionRecord.class::cast)
        .toList();
  }

  private static void send(RevisionWindow window, Destination destination) {
    assertThat(destination.connection.write(KVGrpc.getTxnMethod(), window.next())).isNotNull();
  }

  @Test
  void requestsThatComeBeforeTheirTurnMakeNothing() throws Exception {
    MadeHistory history = new MadeHistory();
    RevisionWindow front = RevisionWindow.first();
    assertThat(front.add(2, records(history.put("a", "1").commit()))).isTrue();
    assertThat(front.add(3, records(history.put("b", "1").commit()))).isTrue();
    assertThat(front.add(4, records(history.put("a", "2").commit()))).isTrue();
    RevisionWindow behind = RevisionWindow.behind(front);
    assertThat(behind.add(5, records(history.put("b", "2").commit()))).isTrue();
    assertThat(behind.add(6, records(history.put("a", "3").commit()))).isTrue();
    try (Destination destination =
        new Destination(EtcdCluster.of(EtcdRelease.of("3.5"), folder).start())) {
      for (long revision = 1; revision < 4; revision++) {
        send(behind, destination);
        assertThat(destination.connection.revision()).isEqualTo(revision);
        send(front, destination);
      }
      for (long revision = 5; revision <= 6; revision++) {
        send(behind, destination);
        assertThat(destination.connection.revision()).isEqualTo(revision);
        send(front, destination);
        assertThat(destination.connection.revision()).isEqualTo(revision);
      }
      destination.assertHash(history.rows(), -1, 6);
    }
  }

  @Test
  void aKeyThatIsDeletedMayNotBeChangedInTheWindowBesideIt() {
    MadeHistory history = new MadeHistory();
    List<RevisionRecord> put = records(history.put("a", "1").commit());
    List<RevisionRecord> deletion = records(history.delete("a").commit());
    List<RevisionRecord> again = records(history.put("a", "2").commit());
    RevisionWindow first = RevisionWindow.first();
    assertThat(first.add(2, put)).isTrue();
    assertThat(RevisionWindow.behind(first).add(3, deletion)).isFalse();
    RevisionWindow second = RevisionWindow.first();
    assertThat(second.add(3, deletion)).isTrue();
    assertThat(RevisionWindow.behind(second).add(4, again)).isFalse();
  }
}
