package io.lodestone.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.revisions.CheckedStream;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamOrder;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The keys below a prefix of a real member, as a stream. */
final class PrefixClusterTest {
  private static final ByteString ONE = ByteString.copyFromUtf8("/one/");

  @TempDir Path folder;
  private TestCluster cluster;

  static Stream<EtcdRelease> releases() {
    return TestCluster.releases();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private static List<StreamItem> readUntil(RevisionStream stream, Predicate<StreamItem> last)
      throws Exception {
    List<StreamItem> items = new ArrayList<>();
    do {
      items.add(stream.next());
    } while (!last.test(items.get(items.size() - 1)));
    return items;
  }

  private static Predicate<StreamItem> completeAt(long revision) {
    return item -> item instanceof Complete mark && mark.revision() >= revision;
  }

  private static List<Long> revisions(List<StreamItem> items) {
    return items.stream()
        .filter(RevisionRecord.class::isInstance)
        .map(item -> ((RevisionRecord) item).main())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void anotherBaseBeginsWhereAllWasToldAndSaysWhenThatWas(EtcdRelease release) throws Exception {
    cluster = TestCluster.start(release, folder, 1);
    PrefixCluster source =
        new PrefixCluster(cluster.connection, ONE, cluster.follow(), Clock.systemUTC());
    cluster.put("/one/b", "1");
    cluster.put("/one/a", "1");
    cluster.put("/one/b", "2");
    StreamItem mark;
    try (RevisionStream stream = source.openAtBase(Reason.INITIAL)) {
      List<StreamItem> base = readUntil(stream, completeAt(4));
      assertThat(((BaseStart) base.get(0)).prefix()).contains(ONE);
      assertThat(base.get(1)).isEqualTo(new Compaction(4, 4));
      assertThat(revisions(base)).containsExactly(3L, 4L);
      mark = base.get(base.size() - 1);
    }
    cluster.put("/two/x", "1");
    cluster.put("/one/a", "2");
    cluster.put("/two/x", "2");
    try (RevisionStream stream =
        new CheckedStream(source.openAtBase(Reason.REQUESTED), StreamOrder.atBaseOfAny())) {
      List<StreamItem> base = readUntil(stream, completeAt(4));
      assertThat(base.get(base.size() - 1)).isEqualTo(mark);
      assertThat(((BaseStart) base.get(0)).capturedAt()).isEqualTo(((Complete) mark).at());
      assertThat(revisions(readUntil(stream, completeAt(6)))).containsExactly(6L);
      assertThat(revisions(readUntil(stream, completeAt(7)))).isEmpty();
    }
  }
}
