package io.lodestone.etcdfile.replay;

import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmType;
import java.util.LinkedHashSet;
import java.util.Set;

/** The alarms that are raised, which decide what etcd still applies. Confined to one thread. */
final class Alarms {
  private final Set<AlarmMember> raised = new LinkedHashSet<>();

  void raise(AlarmMember alarm) {
    raised.add(alarm);
  }

  void apply(AlarmRequest request) {
    AlarmMember alarm =
        AlarmMember.newBuilder()
            .setMemberID(request.getMemberID())
            .setAlarm(request.getAlarm())
            .build();
    switch (request.getAction()) {
      case ACTIVATE -> {
        if (request.getAlarm() != AlarmType.NONE) {
          raise(alarm);
        }
      }
      case DEACTIVATE -> raised.remove(alarm);
      case GET, UNRECOGNIZED -> {}
    }
  }

  Set<AlarmMember> raised() {
    return Set.copyOf(raised);
  }

  /** The quota is used up: nothing may be added, but anything deleted. */
  boolean noSpace() {
    return isRaised(AlarmType.NOSPACE);
  }

  /** Nothing may change. */
  boolean corrupt() {
    return isRaised(AlarmType.CORRUPT);
  }

  private boolean isRaised(AlarmType type) {
    return raised.stream().anyMatch(alarm -> alarm.getAlarm() == type);
  }
}
