package io.lodestone.mvcc.apply;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmResponse;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.mvcc.rocks.Family;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The alarms that are raised. Changed by the apply thread only; readers see a list that does not
 * change.
 */
public final class AlarmTable implements Alarms {
  private static final Comparator<AlarmMember> ORDER =
      Comparator.comparing(AlarmMember::getAlarm).thenComparingLong(AlarmMember::getMemberID);

  private volatile List<AlarmMember> raised = List.of();

  /** Becomes what was read from storage. */
  public void load(List<AlarmMember> stored) {
    raised = stored.stream().sorted(ORDER).toList();
  }

  private void add(AlarmMember alarm) {
    List<AlarmMember> next = new ArrayList<>(raised);
    next.add(alarm);
    load(next);
  }

  private void remove(AlarmMember alarm) {
    raised = raised.stream().filter(other -> !other.equals(alarm)).toList();
  }

  AlarmResponse apply(AlarmRequest request, Draft draft) {
    return switch (request.getAction()) {
      case GET -> response(matching(request.getAlarm()));
      case ACTIVATE -> activate(request, draft);
      case DEACTIVATE -> deactivate(request, draft);
      case UNRECOGNIZED -> AlarmResponse.getDefaultInstance();
    };
  }

  private AlarmResponse activate(AlarmRequest request, Draft draft) {
    if (request.getAlarm() == AlarmType.NONE) {
      return AlarmResponse.getDefaultInstance();
    }
    AlarmMember alarm = alarm(request);
    if (!raised.contains(alarm)) {
      add(alarm);
      draft.put(Family.ALARM, alarm.toByteString(), ByteString.EMPTY);
    }
    return response(List.of(alarm));
  }

  private AlarmResponse deactivate(AlarmRequest request, Draft draft) {
    AlarmMember alarm = alarm(request);
    if (!raised.contains(alarm)) {
      return AlarmResponse.getDefaultInstance();
    }
    remove(alarm);
    draft.delete(Family.ALARM, alarm.toByteString());
    return response(List.of(alarm));
  }

  private static AlarmMember alarm(AlarmRequest request) {
    return AlarmMember.newBuilder()
        .setMemberID(request.getMemberID())
        .setAlarm(request.getAlarm())
        .build();
  }

  private List<AlarmMember> matching(AlarmType type) {
    return raised.stream()
        .filter(alarm -> type == AlarmType.NONE || alarm.getAlarm() == type)
        .toList();
  }

  private static AlarmResponse response(List<AlarmMember> alarms) {
    return AlarmResponse.newBuilder().addAllAlarms(alarms).build();
  }

  @Override
  public List<AlarmMember> raised() {
    return raised;
  }

  @Override
  public boolean noSpace() {
    return isRaised(AlarmType.NOSPACE);
  }

  @Override
  public boolean corrupt() {
    return isRaised(AlarmType.CORRUPT);
  }

  private boolean isRaised(AlarmType type) {
    List<AlarmMember> now = raised;
    return !now.isEmpty() && now.stream().anyMatch(alarm -> alarm.getAlarm() == type);
  }
}
