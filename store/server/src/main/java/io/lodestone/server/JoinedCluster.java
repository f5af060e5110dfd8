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

/** A cluster that this member was added to and has not met yet. Stateless. */
final class JoinedCluster {
  private static final Logger log = LoggerFactory.getLogger(JoinedCluster.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private JoinedCluster() {}

  /** Asks the other members of {@code --initial-cluster} in turn who this one is. */
  static Stored find(StoreConfig config) throws IOException {
    List<URI> others =
        config.initialCluster().entrySet().stream()
            .filter(member -> !member.getKey().equals(config.name()))
            .flatMap(member -> member.getValue().stream())
            .map(URI::create)
            .toList();
    Optional<PeerTls> tls = PeerListener.of(config).tls();
    for (URI url : others) {
      Optional<MemberListResponse> members = ask(url, tls);
      if (members.isPresent()) {
        return LocalMember.ofCluster(
            config, members.get().getHeader().getClusterId(), members.get().getMembersList());
      }
    }
    throw new LodestoneException(
        "cannot fetch cluster info from peer urls: could not retrieve cluster information from the"
            + " given URLs "
            + others,
        "start the other members first, and list their peer URLs in --initial-cluster");
  }

  private static Optional<MemberListResponse> ask(URI url, Optional<PeerTls> tls)
      throws InvalidProtocolBufferException {
    try {
      ByteBuffer answer =
          RatisConsensus.ask(
              url.getHost().replaceAll("[\\[\\]]", ""),
              url.getPort(),
              tls,
              PeerAnswers.whoIsThere(),
              PATIENCE);
      return Optional.of(MemberListResponse.parseFrom(answer));
    } catch (ConsensusException e) {
      log.atWarn().addKeyValue("url", url).addKeyValue("why", e.getMessage()).log("no answer");
      return Optional.empty();
    }
  }
}
