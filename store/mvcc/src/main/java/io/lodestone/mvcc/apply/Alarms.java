package io.lodestone.mvcc.apply;

import io.lodestone.api.etcdserverpb.AlarmMember;
import java.util.List;

/** The alarms that are raised. Thread-safe for readers. */
public interface Alarms {
  List<AlarmMember> raised();

  boolean noSpace();

  boolean corrupt();
}
