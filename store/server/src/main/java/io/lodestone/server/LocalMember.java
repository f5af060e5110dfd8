package io.lodestone.server;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.etcdfile.member.ClusterSpec;
import io.lodestone.etcdfile.member.MemberSpec;
import io.lodestone.server.cluster.MembersFile.Stored;
import io.lodestone.server.config.StoreConfig;
import java.net.URI;
import java.util.List;
import java.util.TreeSet;

/** Which member of which cluster the flags make of an empty data directory. Stateless. */
final class LocalMember {
  private LocalMember() {}

  /** A new cluster's member, with the ids that etcd derives. */
  static Stored ofNewCluster(StoreConfig config) {
    ClusterSpec cluster =
        new ClusterSpec(
            config.clusterToken(),
            config.initialCluster().entrySet().stream()
                .map(member -> new MemberSpec(member.getKey(), member.getValue()))
                .toList());
    if (cluster.members().size() > 1) {
      requireAdvertised(config);
    }
    List<Member> members =
        cluster.members().stream()
            .map(
                member ->
                    Member.newBuilder()
                        .setID(cluster.memberId(member))
                        .setName(member.name())
                        .addAllPeerURLs(member.peerUrls().stream().sorted().toList())
                        .build())
            .toList();
    long localId =
        members.stream()
            .filter(member -> member.getName().equals(config.name()))
            .findFirst()
            .orElseThrow()
            .getID();
    return new Stored(cluster.clusterId(), localId, members);
  }

  /** What others are told must be what they are to expect; etcd's words. */
  private static void requireAdvertised(StoreConfig config) {
    TreeSet<String> listed = new TreeSet<>(config.initialCluster().get(config.name()));
    TreeSet<String> advertised = new TreeSet<>();
    config.advertisePeerUrls().forEach(url -> advertised.add(url.toString()));
    if (!listed.equals(advertised)) {
      throw new LodestoneException(
          "--initial-cluster has "
              + config.name()
              + "="
              + String.join("," + config.name() + "=", listed)
              + " but missing from --initial-advertise-peer-urls="
              + String.join(",", advertised),
          "list under --name the very URLs of --initial-advertise-peer-urls");
    }
  }

  /** The member that a living cluster has for the peer URLs of this one. */
  static Stored ofCluster(StoreConfig config, long clusterId, List<Member> members) {
    if (members.size() != config.initialCluster().size()) {
      throw mismatch("member count is unequal");
    }
    List<String> own = config.initialCluster().get(config.name()).stream().sorted().toList();
    Member self =
        members.stream()
            .filter(member -> member.getPeerURLsList().stream().sorted().toList().equals(own))
            .findFirst()
            .orElseThrow(() -> mismatch("no member has the peer URLs " + own));
    return new Stored(clusterId, self.getID(), List.of(self));
  }

  private static LodestoneException mismatch(String why) {
    return new LodestoneException(
        "error validating peerURLs of --initial-cluster: " + why,
        "add the member first (member add), then list all members as that has printed them");
  }

  /** {@code stored} with the name and the client URLs that the flags say. */
  static Stored published(Stored stored, StoreConfig config) {
    return new Stored(
        stored.clusterId(),
        stored.localId(),
        stored.members().stream()
            .map(member -> member.getID() == stored.localId() ? published(member, config) : member)
            .toList());
  }

  static Member published(Member self, StoreConfig config) {
    return self.toBuilder()
        .setName(config.name())
        .clearClientURLs()
        .addAllClientURLs(config.advertiseClientUrls().stream().map(URI::toString).toList())
        .build();
  }
}
