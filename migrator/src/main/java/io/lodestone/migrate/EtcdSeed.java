package io.lodestone.migrate;

import io.lodestone.etcdfile.member.ClusterSpec;
import io.lodestone.etcdfile.member.MemberDirectorySink;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Data directories for the members of a new stock cluster. Immutable.
 *
 * @param directories where each member's is written, by name; moving it to the member's machine is
 *     up to whoever starts it
 */
public record EtcdSeed(ClusterSpec cluster, Map<String, Path> directories) implements Seed {
  public EtcdSeed {
    directories = Map.copyOf(directories);
  }

  @Override
  public List<Path> targets() {
    return directories.values().stream().sorted().toList();
  }

  @Override
  public OptionalLong clusterId() {
    return OptionalLong.of(cluster.clusterId());
  }

  @Override
  public int members() {
    return cluster.members().size();
  }

  @Override
  public RevisionSink open(CopyRules rules) throws IOException {
    for (Path directory : directories.values()) {
      Files.createDirectories(directory.toAbsolutePath().getParent());
    }
    return new MemberDirectorySink(cluster, directories, rules);
  }
}
