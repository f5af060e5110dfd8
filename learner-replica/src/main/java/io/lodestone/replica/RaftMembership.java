package io.lodestone.replica;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.ClusterGrpc;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.MemberAddRequest;
import io.lodestone.api.etcdserverpb.MemberRemoveRequest;
import io.lodestone.api.etcdserverpb.MemberUpdateRequest;
import io.lodestone.client.EtcdConnection;
import io.lodestone.replica.peer.PeerClient;
import io.lodestone.replica.peer.PeerIdentity;
import io.lodestone.replica.peer.PeerVersion;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a replica becomes a learner of its source, and stops being one. Thread-safe. */
final class RaftMembership {
  private static final Logger LOG = LoggerFactory.getLogger(RaftMembership.class);
  private static final int ATTEMPTS = 60;

  /**
   * What passes. A member's id is made of its peer URLs and the second in which it is added: one
   * that was removed and comes back within the same second has the id of a removed one.
   */
  private static final Set<ErrorCode> PASSING =
      Set.of(ErrorCode.UNHEALTHY, ErrorCode.MEMBER_NOT_FOUND);

  private static final String UNKNOWN_VERSION = "3.5.0";

  private final EtcdConnection source;
  private final ReplicaDirectory directory;
  private final PeerClient client;
  private final List<String> peerUrls;

  /**
   * @param source its user needs the root role where authentication is on
   * @param peerUrls where other members will reach the replica
   */
  RaftMembership(
      EtcdConnection source, ReplicaDirectory directory, PeerClient client, List<URI> peerUrls) {
    this.source = source;
    this.directory = directory;
    this.client = client;
    this.peerUrls = peerUrls.stream().map(URI::toString).toList();
  }

  /**
   * Who the replica is as a member: as in an earlier run, or as somebody has added it by its peer
   * URLs, or by adding it now. Where its peer URLs are others than before, the cluster is told.
   */
  PeerIdentity join() throws IOException, InterruptedException {
    OptionalLong known = directory.memberId();
    long id = known.isPresent() ? known.getAsLong() : added();
    directory.rememberMember(source.clusterId(), id);
    if (members().stream().anyMatch(member -> member.getID() == id && !isReachedByUs(member))) {
      source.write(
          ClusterGrpc.getMemberUpdateMethod(),
          MemberUpdateRequest.newBuilder().setID(id).addAllPeerURLs(peerUrls).build());
    }
    return new PeerIdentity(source.clusterId(), id, peerUrls);
  }

  private boolean isReachedByUs(Member member) {
    return Set.copyOf(member.getPeerURLsList()).equals(Set.copyOf(peerUrls));
  }

  /** A cluster takes nobody in its first seconds, or while its members are not connected. */
  private long added() throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return addedOnce();
      } catch (StoreException e) {
        if (e.code() == ErrorCode.TOO_MANY_LEARNERS) {
          throw new LodestoneException(
              "the cluster has a learner already, and takes no second one",
              "remove that one, or use --mode watch, which knows no such limit",
              e);
        }
        if (!PASSING.contains(e.code()) || attempt == ATTEMPTS) {
          throw e;
        }
      }
      TimeUnit.SECONDS.sleep(1);
    }
  }

  private long addedOnce() throws InterruptedException {
    List<Member> members = members();
    Optional<Member> same =
        members.stream()
            .filter(member -> member.getPeerURLsList().stream().anyMatch(peerUrls::contains))
            .findFirst();
    if (same.isEmpty()) {
      requireEtcd(members);
      return add();
    }
    if (!same.get().getIsLearner()) {
      throw new LodestoneException(
          "member "
              + Long.toHexString(same.get().getID())
              + " of the cluster votes, and has the peer URLs "
              + peerUrls,
          "name other --initial-advertise-peer-urls");
    }
    return same.get().getID();
  }

  /** All of the source's members. */
  List<Member> members() {
    return source.memberList();
  }

  private void requireEtcd(List<Member> members) throws InterruptedException {
    Versions asked = versions(members);
    if (asked.told().isEmpty()) {
      throw new LodestoneException(
          "no member answers at its peer URLs as etcd does: " + asked.silent(),
          "--mode raft is for stock etcd, whose peer URLs must be reachable from here (https:"
              + " with --peer-cert-file and so on); for a lodestone store use --mode watch, or add"
              + " a lodestone store as a learner");
    }
  }

  /**
   * The first version that a member has told; before that, the URLs that told none, with the
   * reason.
   */
  private record Versions(Optional<PeerVersion> told, List<String> silent) {}

  private Versions versions(List<Member> members) throws InterruptedException {
    List<String> silent = new ArrayList<>();
    for (Member member : members) {
      for (String url : member.getPeerURLsList()) {
        try {
          Optional<PeerVersion> told = client.version(url);
          if (told.isPresent()) {
            return new Versions(told, silent);
          }
          silent.add(url);
        } catch (IOException e) {
          silent.add(url + " (" + e.getMessage() + ")");
        }
      }
    }
    return new Versions(Optional.empty(), silent);
  }

  /** The version that the members have agreed on. */
  String clusterVersion() throws InterruptedException {
    return versions(members()).told().map(PeerVersion::cluster).orElse(UNKNOWN_VERSION);
  }

  private long add() {
    MemberAddRequest request =
        MemberAddRequest.newBuilder().addAllPeerURLs(peerUrls).setIsLearner(true).build();
    long id = source.write(ClusterGrpc.getMemberAddMethod(), request).getMember().getID();
    LOG.atInfo()
        .addKeyValue("member-id", Long.toHexString(id))
        .addKeyValue("peer-urls", peerUrls)
        .log("joined the cluster as a learner");
    return id;
  }

  /** Has the cluster remove the member {@code id}; also where it has done so before. */
  static void remove(EtcdConnection source, long id) {
    try {
      source.write(
          ClusterGrpc.getMemberRemoveMethod(), MemberRemoveRequest.newBuilder().setID(id).build());
    } catch (StoreException e) {
      if (e.code() != ErrorCode.MEMBER_NOT_FOUND) {
        throw e;
      }
    }
  }

  /** The same for us, again and again until it has worked. */
  void removeUs(long id) throws InterruptedException {
    while (true) {
      try {
        remove(source, id);
        return;
      } catch (LodestoneException e) {
        LOG.atWarn().setCause(e).log("the cluster does not remove this replica yet");
      }
      TimeUnit.SECONDS.sleep(1);
    }
  }
}
