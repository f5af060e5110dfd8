package io.lodestone.inspect;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Whether each member answers, knows the same leader, and keeps up; whether all members of the
 * cluster were looked at; whether the cluster as a whole answers a linearizable read.
 */
public final class Health implements Inspection {
  private static final long FAR_BEHIND = 1000;
  private static final long SLOW_MILLIS = 100;

  private final EtcdConnection cluster;

  /**
   * @param cluster all of its endpoints are asked; stays the caller's to close
   */
  public Health(EtcdConnection cluster) {
    this.cluster = cluster;
  }

  @Override
  public String name() {
    return "health";
  }

  /** One member's answer, and how long it took. */
  private record Answer(Endpoint endpoint, StatusResponse status, long millis) {}

  @Override
  public List<Observation> look() {
    List<Observation> seen = new ArrayList<>();
    List<Answer> answers = new ArrayList<>();
    for (Endpoint endpoint : cluster.endpoints()) {
      long began = System.nanoTime();
      try {
        StatusResponse status = cluster.status(endpoint);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        answers.add(new Answer(endpoint, status, millis));
      } catch (LodestoneException e) {
        seen.add(Observation.problem(endpoint.toString(), e.getMessage(), e.hint()));
      }
    }
    long head =
        answers.stream().mapToLong(answer -> answer.status().getRaftIndex()).max().orElse(0);
    answers.forEach(answer -> seen.add(member(answer, head)));
    if (answers.stream().map(answer -> answer.status().getLeader()).distinct().count() > 1) {
      seen.add(
          Observation.problem(
              "cluster",
              "the members do not agree on the leader",
              "look again in a moment; if it stays, check the network between the members"));
    }
    seen.add(quorum());
    return seen;
  }

  private static Observation member(Answer answer, long head) {
    StatusResponse status = answer.status();
    String who = answer.endpoint().toString();
    String what =
        String.format(
            Locale.ROOT,
            "etcd %s%s%s, revision %d, raft index %d, %.1f MiB of %.1f MiB in use, %d ms",
            status.getVersion(),
            status.getLeader() == status.getHeader().getMemberId() ? ", leads" : "",
            status.getIsLearner() ? ", learner" : "",
            status.getHeader().getRevision(),
            status.getRaftIndex(),
            status.getDbSizeInUse() / 1048576.0,
            status.getDbSize() / 1048576.0,
            answer.millis());
    if (status.getLeader() == 0) {
      return Observation.problem(who, "has no leader: " + what, "check the other members");
    }
    if (!status.getErrorsList().isEmpty()) {
      return Observation.problem(
          who, String.join("; ", status.getErrorsList()) + ": " + what, "see its log");
    }
    if (head - status.getRaftIndex() > FAR_BEHIND) {
      return Observation.warning(
          who,
          "is " + (head - status.getRaftIndex()) + " entries behind: " + what,
          "check its disk and its network");
    }
    if (answer.millis() > SLOW_MILLIS) {
      return Observation.warning(who, "answers slowly: " + what, "check its disk and its network");
    }
    return Observation.fine(who, what);
  }

  private Observation quorum() {
    try {
      List<Member> members = cluster.memberList();
      cluster.revision();
      Set<String> started =
          members.stream()
              .filter(member -> member.getClientURLsCount() == 0)
              .map(member -> Long.toHexString(member.getID()))
              .collect(Collectors.toSet());
      if (!started.isEmpty()) {
        return Observation.warning(
            "cluster",
            "members that never started: " + String.join(", ", started),
            "start them, or remove them");
      }
      if (members.size() > cluster.endpoints().size()) {
        return Observation.warning(
            "cluster",
            "has " + members.size() + " members, " + cluster.endpoints().size() + " were looked at",
            "name all of them in --endpoints");
      }
      return members.size() % 2 == 0
          ? Observation.warning(
              "cluster",
              "has " + members.size() + " members: one more would not cost a quorum more",
              "use an odd number of members")
          : Observation.fine(
              "cluster", "answers linearizable reads; " + members.size() + " members");
    } catch (LodestoneException e) {
      return Observation.problem("cluster", e.getMessage(), e.hint());
    }
  }
}
