package io.lodestone.etcdfile.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RandomHistory;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The same where the second member's database is copied while the first one's grows. */
final class CopiedAheadContractTest extends MemberDirectoryContractTest {
  private static final long OFTEN = 4096;

  @Override
  protected RevisionSink newSink() throws IOException {
    return new MemberDirectorySink(CLUSTER, directories(), CopyRules.EXACT, OFTEN);
  }

  /** The first base is the larger one. */
  @Test
  void aCopyBeginsAnewWithANewBase() throws Exception {
    try (RevisionSink sink = newSink()) {
      for (long seed = 1; seed <= 2; seed++) {
        for (StreamItem item : new RandomHistory(seed).stream(9_000 / seed, 10_000 / seed)) {
          sink.accept(item);
        }
      }
      long unused = sink.commit();
    }
    assertThat(Files.size(database("m1"))).isGreaterThan(8 * OFTEN);
    assertThat(Files.mismatch(database("m1"), database("m2"))).isEqualTo(-1);
  }

  private Path database(String member) {
    return folder.resolve(member).resolve("member").resolve("snap").resolve("db");
  }
}
