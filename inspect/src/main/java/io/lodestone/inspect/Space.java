package io.lodestone.inspect;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Raised alarms, and how near each member's database is to the quota that raises one. */
public final class Space implements Inspection {
  private static final double NEAR = 0.8;

  private final EtcdConnection cluster;
  private final long quotaBytes;

  /**
   * @param quotaBytes the members' {@code --quota-backend-bytes}, which 3.4 and 3.5 do not tell
   */
  public Space(EtcdConnection cluster, long quotaBytes) {
    this.cluster = cluster;
    this.quotaBytes = quotaBytes;
  }

  @Override
  public String name() {
    return "alarms";
  }

  @Override
  public List<Observation> look() {
    List<Observation> seen = new ArrayList<>(alarms());
    for (Endpoint endpoint : cluster.endpoints()) {
      try {
        seen.add(size(endpoint, cluster.status(endpoint)));
      } catch (LodestoneException e) {
        seen.add(Observation.problem(endpoint.toString(), e.getMessage(), e.hint()));
      }
    }
    return seen;
  }

  private List<Observation> alarms() {
    AlarmRequest all = AlarmRequest.newBuilder().setAction(AlarmRequest.AlarmAction.GET).build();
    List<AlarmMember> raised = cluster.read(MaintenanceGrpc.getAlarmMethod(), all).getAlarmsList();
    return raised.isEmpty()
        ? List.of(Observation.fine("cluster", "no alarm is raised"))
        : raised.stream().map(Space::alarm).toList();
  }

  private static Observation alarm(AlarmMember raised) {
    String who = "member " + Long.toHexString(raised.getMemberID());
    return switch (raised.getAlarm()) {
      case NOSPACE ->
          Observation.problem(
              who,
              "NOSPACE: writes are refused",
              "compact, defragment each member, then: etcdctl alarm disarm");
      case CORRUPT ->
          Observation.problem(
              who,
              "CORRUPT: writes are refused",
              "compare the members (inspect consistency); a migration also fences by this alarm");
      default -> Observation.problem(who, raised.getAlarm().toString(), "see the member's log");
    };
  }

  private Observation size(Endpoint endpoint, StatusResponse status) {
    long quota = status.getDbSizeQuota() > 0 ? status.getDbSizeQuota() : quotaBytes;
    double full = (double) status.getDbSize() / quota;
    String seen =
        String.format(
            Locale.ROOT,
            "%.1f MiB, %.0f %% of the quota of %.0f MiB; %.0f %% of it are free pages",
            status.getDbSize() / 1048576.0,
            100 * full,
            quota / 1048576.0,
            100.0
                * (status.getDbSize() - status.getDbSizeInUse())
                / Math.max(1, status.getDbSize()));
    return full < NEAR
        ? Observation.fine(endpoint.toString(), seen)
        : Observation.warning(
            endpoint.toString(),
            seen,
            "compact and defragment, or raise --quota-backend-bytes, before writes are refused");
  }
}
