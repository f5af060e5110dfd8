package io.lodestone.etcdfile.member;

import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.StreamContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

class MemberDirectoryContractTest extends StreamContract {
  static final ClusterSpec CLUSTER =
      ClusterSpec.of(
          List.of(
              new MemberSpec("m1", List.of("http://127.0.0.1:1")),
              new MemberSpec("m2", List.of("http://127.0.0.1:2"))));

  @TempDir Path folder;

  final Map<String, Path> directories() {
    return Map.of("m1", folder.resolve("m1"), "m2", folder.resolve("m2"));
  }

  @Override
  protected RevisionSink newSink() throws IOException {
    return new MemberDirectorySink(CLUSTER, directories(), CopyRules.EXACT);
  }

  /** The second member, whose database is a copy of the first one's. */
  @Override
  protected RevisionSource written() {
    return new MemberDirectorySource(folder.resolve("m2"));
  }

  @Override
  protected boolean anythingVisible() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isPresent();
    }
  }
}
