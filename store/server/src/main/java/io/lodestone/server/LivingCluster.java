package io.lodestone.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.MemberListResponse;
import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.PeerTls;
import io.lodestone.raft.ratis.RatisConsensus;
import io.lodestone.server.cluster.MembersFile.Stored;
import io.lodestone.server.config.StoreConfig;
import io.lodestone.server.peer.PeerAnswers;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cluster of a member that starts with nothing, as the others of it tell. Stateless. */
final class LivingCluster {
  private static final Logger log = LoggerFactory.getLogger(LivingCluster.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Of a member that need not wait for the others to start. */
  private static final Duration LITTLE_PATIENCE = Duration.ofSeconds(3);

  private LivingCluster() {}

  /** Asks the other members of {@code --initial-cluster} in turn who this one is. */
  static Stored join(StoreConfig config) throws IOException {
    MemberListResponse members =
        ask(config, PATIENCE)
            .orElseThrow(
                () ->
                    new LodestoneException(
                        "cannot fetch cluster info from peer urls: could not retrieve cluster"
                            + " information from the given URLs "
                            + others(config),
                        "start the other members first, and list their peer URLs in"
                            + " --initial-cluster"));
    return LocalMember.ofCluster(
        config, members.getHeader().getClusterId(), members.getMembersList());
  }

  /**
   * A member that served clients once and has nothing now has lost what it acknowledged; it must
   * not vote as if it were new. As in etcd, a cluster that does not answer lets it start.
   */
  static Stored begin(StoreConfig config) throws IOException {
    Stored self = LocalMember.ofNewCluster(config);
    Optional<MemberListResponse> living = ask(config, LITTLE_PATIENCE);
    boolean served =
        living.stream()
            .filter(members -> members.getHeader().getClusterId() == self.clusterId())
            .flatMap(members -> members.getMembersList().stream())
            .anyMatch(
                member -> member.getID() == self.localId() && member.getClientURLsCount() > 0);
    if (served) {
      throw new LodestoneException(
          "member " + Long.toHexString(self.localId()) + " has already been bootstrapped",
          "its data directory is empty, or not the one it had; if that is lost, remove the member"
              + " (member remove), add it anew (member add), and start it with"
              + " --initial-cluster-state existing");
    }
    return self;
  }

  /** The first answer, if any. */
  private static Optional<MemberListResponse> ask(StoreConfig config, Duration patience)
      throws IOException {
    Optional<PeerTls> tls = PeerListener.of(config).tls();
    for (URI url : others(config)) {
      Optional<MemberListResponse> members = ask(url, tls, patience);
      if (members.isPresent()) {
        return members;
      }
    }
    return Optional.empty();
  }

  private static List<URI> others(StoreConfig config) {
    return config.initialCluster().entrySet().stream()
        .filter(member -> !member.getKey().equals(config.name()))
        .flatMap(member -> member.getValue().stream())
        .map(URI::create)
        .toList();
  }

  private static Optional<MemberListResponse> ask(URI url, Optional<PeerTls> tls, Duration patience)
      throws InvalidProtocolBufferException {
    try {
      ByteBuffer answer =
          RatisConsensus.ask(
              url.getHost().replaceAll("[\\[\\]]", ""),
              url.getPort(),
              tls,
              PeerAnswers.whoIsThere(),
              patience);
      return Optional.of(MemberListResponse.parseFrom(answer));
    } catch (ConsensusException e) {
      log.atInfo().addKeyValue("url", url).addKeyValue("why", e.getMessage()).log("no answer");
      return Optional.empty();
    }
  }
}
