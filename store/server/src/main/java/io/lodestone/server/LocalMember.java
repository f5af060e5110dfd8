package io.lodestone.server;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.etcdfile.member.ClusterSpec;
import io.lodestone.etcdfile.member.MemberSpec;
import io.lodestone.server.cluster.MembersFile;
import io.lodestone.server.cluster.MembersFile.Stored;
import io.lodestone.server.cluster.Membership;
import io.lodestone.server.config.StoreConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * Which member of which cluster this is: what the data directory says, else what the flags say,
 * with ids as etcd derives them. The name and the client URLs are always the flags'. Immutable.
 */
record LocalMember(long clusterId, long id, Membership membership) {

  static LocalMember of(StoreConfig config) throws IOException {
    MembersFile file = new MembersFile(new DataDirectory(config.dataDir()).members());
    Optional<Stored> known = file.read();
    Stored before = known.isPresent() ? known.get() : first(config);
    Stored now = new Stored(before.clusterId(), before.localId(), published(before, config));
    file.write(now);
    return new LocalMember(
        now.clusterId(),
        now.localId(),
        new Membership(
            now.localId(),
            now.members(),
            Clock.systemUTC(),
            members -> write(file, new Stored(now.clusterId(), now.localId(), members))));
  }

  private static void write(MembersFile file, Stored stored) {
    try {
      file.write(stored);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the list of members", e);
    }
  }

  private static Stored first(StoreConfig config) {
    if (config.initialCluster().size() > 1 || config.joining()) {
      throw new LodestoneException(
          "--initial-cluster names " + config.initialCluster().keySet(),
          "this store runs as a cluster of one member; name it alone");
    }
    ClusterSpec cluster =
        new ClusterSpec(
            config.clusterToken(),
            config.initialCluster().entrySet().stream()
                .map(member -> new MemberSpec(member.getKey(), member.getValue()))
                .toList());
    MemberSpec self = cluster.members().get(0);
    long id = cluster.memberId(self);
    Member member =
        Member.newBuilder()
            .setID(id)
            .addAllPeerURLs(self.peerUrls().stream().sorted().toList())
            .build();
    return new Stored(cluster.clusterId(), id, List.of(member));
  }

  private static List<Member> published(Stored stored, StoreConfig config) {
    return stored.members().stream()
        .map(
            member ->
                member.getID() != stored.localId()
                    ? member
                    : member.toBuilder()
                        .setName(config.name())
                        .clearClientURLs()
                        .addAllClientURLs(
                            config.advertiseClientUrls().stream().map(URI::toString).toList())
                        .build())
        .toList();
  }
}
