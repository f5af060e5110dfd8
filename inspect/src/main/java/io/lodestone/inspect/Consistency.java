package io.lodestone.inspect;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.migrate.compare.ClusterComparison;
import io.lodestone.migrate.compare.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Whether all members hold the same: each is compared with the first by HashKV at one revision; of
 * a member that differs, by a digest that names the keys. Each member reads its whole database; one
 * that differs, and the first, send a snapshot of it.
 */
public final class Consistency implements Inspection {
  private final ClientOptions cluster;
  private final Path workDirectory;

  /**
   * @param workDirectory exists, with room for two databases twice
   */
  public Consistency(ClientOptions cluster, Path workDirectory) {
    this.cluster = cluster;
    this.workDirectory = workDirectory;
  }

  @Override
  public String name() {
    return "consistency";
  }

  @Override
  public List<Observation> look() throws IOException, InterruptedException {
    List<Endpoint> members = cluster.endpoints();
    if (members.size() < 2) {
      return List.of(
          Observation.fine("cluster", "one member was named: there is nothing to compare it with"));
    }
    List<Observation> seen = new ArrayList<>();
    try (EtcdConnection first = EtcdConnection.open(only(members.get(0)))) {
      long revision = first.revision();
      for (Endpoint member : members.subList(1, members.size())) {
        seen.add(compare(first, member, revision));
      }
    }
    return seen;
  }

  private ClientOptions only(Endpoint member) {
    return new ClientOptions(
        List.of(member),
        cluster.tls(),
        cluster.credentials(),
        cluster.connectTimeout(),
        cluster.callTimeout());
  }

  private Observation compare(EtcdConnection first, Endpoint member, long revision)
      throws IOException, InterruptedException {
    String pair = member + " and " + first.endpoints().get(0);
    try (EtcdConnection other = EtcdConnection.open(only(member))) {
      Finding finding = new ClusterComparison(first, other, workDirectory).keysAt(revision);
      return finding.equal()
          ? Observation.fine(
              pair, "hold the same at revision " + revision + ", by " + finding.proof())
          : Observation.problem(
              pair,
              "differ at revision " + revision + " in " + shown(finding.keys()),
              "find out which is right (backup history KEY), remove the other member, and add it anew");
    } catch (LodestoneException e) {
      return Observation.problem(pair, e.getMessage(), e.hint());
    }
  }

  private static String shown(List<ByteString> keys) {
    return keys.stream().map(ByteString::toStringUtf8).collect(Collectors.joining(", "));
  }
}
