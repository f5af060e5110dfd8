package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmRequest.AlarmAction;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.client.EtcdConnection;
import java.util.List;
import java.util.OptionalLong;

/**
 * A CORRUPT alarm in the name of one member: ordered like a write, known to all members, kept over
 * restarts. Nothing is wrong with the cluster; it only behaves so.
 */
final class AlarmFence implements Fence {
  private final EtcdConnection cluster;
  private OptionalLong named = OptionalLong.empty();

  AlarmFence(EtcdConnection cluster) {
    this.cluster = cluster;
  }

  @Override
  public void prepare() {
    named = OptionalLong.of(lowestMember());
    List<AlarmMember> left = corruptAlarms(cluster);
    if (!left.isEmpty()) {
      throw new LodestoneException(
          "the cluster has a CORRUPT alarm of member "
              + Long.toHexString(left.get(0).getMemberID())
              + " already, before it was fenced",
          "see whether its data are sound, then disarm it: etcdctl alarm disarm");
    }
  }

  @Override
  public void raise() {
    send(AlarmAction.ACTIVATE);
  }

  @Override
  public void lower() {
    send(AlarmAction.DEACTIVATE);
    List<AlarmMember> left = corruptAlarms(cluster);
    if (!left.isEmpty()) {
      throw new LodestoneException(
          "the cluster still has a CORRUPT alarm of member "
              + Long.toHexString(left.get(0).getMemberID())
              + " and refuses writes",
          "see whether its data are sound (lodestone migrate verify), then disarm it: etcdctl alarm"
              + " disarm");
    }
  }

  @Override
  public boolean stopsReplay() {
    return true;
  }

  /** An alarm that is there already, or is gone already, is left as it is. */
  private void send(AlarmAction action) {
    cluster.read(
        MaintenanceGrpc.getAlarmMethod(),
        AlarmRequest.newBuilder()
            .setAction(action)
            .setMemberID(named.orElseGet(this::lowestMember))
            .setAlarm(AlarmType.CORRUPT)
            .build());
  }

  private long lowestMember() {
    return cluster.memberList().stream()
        .map(Member::getID)
        .min(Long::compareUnsigned)
        .orElseThrow(() -> new IllegalStateException("a cluster without members"));
  }

  static List<AlarmMember> corruptAlarms(EtcdConnection cluster) {
    return alarms(cluster).stream().filter(alarm -> alarm.getAlarm() == AlarmType.CORRUPT).toList();
  }

  static List<AlarmMember> alarms(EtcdConnection cluster) {
    return cluster
        .read(
            MaintenanceGrpc.getAlarmMethod(),
            AlarmRequest.newBuilder().setAction(AlarmAction.GET).build())
        .getAlarmsList();
  }
}
