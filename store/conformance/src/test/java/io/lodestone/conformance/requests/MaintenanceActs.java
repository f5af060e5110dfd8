package io.lodestone.conformance.requests;

import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmRequest.AlarmAction;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.api.etcdserverpb.DefragmentRequest;
import io.lodestone.api.etcdserverpb.DowngradeRequest;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashRequest;
import io.lodestone.api.etcdserverpb.MoveLeaderRequest;
import io.lodestone.api.etcdserverpb.StatusRequest;

/** Turns on the Maintenance service; snapshots have a class of their own. */
final class MaintenanceActs {
  private final Vocabulary words;
  private final Dice dice;
  private final Menu underAlarm;

  /** {@code underAlarm} is what is tried while an alarm is raised. */
  MaintenanceActs(Vocabulary words, Menu underAlarm) {
    this.words = words;
    this.dice = words.dice();
    this.underAlarm = underAlarm;
  }

  void status(Duel duel) {
    duel.call("Maintenance/Status", StatusRequest.getDefaultInstance());
  }

  void hash(Duel duel) {
    duel.call("Maintenance/Hash", HashRequest.getDefaultInstance());
  }

  void hashKv(Duel duel) {
    duel.call(
        "Maintenance/HashKV",
        HashKVRequest.newBuilder().setRevision(words.revision(duel.revision())).build());
  }

  void defragment(Duel duel) {
    duel.call("Maintenance/Defragment", DefragmentRequest.getDefaultInstance());
  }

  void moveLeader(Duel duel) {
    long target = dice.pick(Names.member(0), 0L, 7L);
    duel.call("Maintenance/MoveLeader", MoveLeaderRequest.newBuilder().setTargetID(target).build());
  }

  /** Never one that would really begin: a cluster of one release has nowhere to go. */
  void downgrade(Duel duel) {
    DowngradeRequest.Builder request = DowngradeRequest.newBuilder();
    request.setVersion(dice.pick("", "3.4.0", "3.4", "3.3.0", "3.5.0", "3.6.0", "v3.4.0", "x"));
    if (dice.oneIn(3)) {
      request.setVersion(dice.pick("", "3.3.0", "3.6.0", "x")).setActionValue(dice.below(4));
    }
    duel.call("Maintenance/Downgrade", request.build());
  }

  void alarms(Duel duel) {
    AlarmType type = dice.pick(AlarmType.NONE, AlarmType.NOSPACE, AlarmType.CORRUPT);
    duel.call("Maintenance/Alarm", alarm(AlarmAction.GET, 0, type));
  }

  /** Raises an alarm, tries this and that, and takes the alarm back. */
  void alarmed(Duel duel) throws InterruptedException {
    AlarmType type = dice.pick(AlarmType.NOSPACE, AlarmType.CORRUPT);
    long member = dice.pick(Names.member(0), Names.member(0), 0L, 7L);
    duel.call("Maintenance/Alarm", alarm(AlarmAction.ACTIVATE, member, type));
    duel.call("Maintenance/Alarm", alarm(AlarmAction.GET, 0, AlarmType.NONE));
    status(duel);
    for (int i = dice.below(8); i >= 0; i--) {
      underAlarm.draw().play(duel);
    }
    duel.call("Maintenance/Alarm", alarm(AlarmAction.DEACTIVATE, member, type));
    duel.call("Maintenance/Alarm", alarm(AlarmAction.DEACTIVATE, member, type));
  }

  private static AlarmRequest alarm(AlarmAction action, long member, AlarmType type) {
    return AlarmRequest.newBuilder().setAction(action).setMemberID(member).setAlarm(type).build();
  }
}
