package io.lodestone.mvcc.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.etcdserverpb.AlarmMember;
import io.lodestone.auth.AuthStore;
import io.lodestone.mvcc.keyspace.AuthKeys;
import io.lodestone.mvcc.lease.LeaseTable;
import io.lodestone.mvcc.members.MemberTable;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;
import java.util.ArrayList;
import java.util.List;

/**
 * What an engine keeps in memory beside the keyspace, which is read when it opens, and again after
 * a full disk: never keys.
 */
public record Beside(LeaseTable leases, AlarmTable alarms, AuthStore auth, MemberTable members) {

  /** Becomes what is stored, whatever it was; users are visible once they are told so. */
  public void load(Rows rows) {
    leases.load(rows);
    alarms.load(storedAlarms(rows));
    AuthKeys.load(rows, auth);
    members.load(rows);
  }

  private static List<AlarmMember> storedAlarms(Rows rows) {
    List<AlarmMember> stored = new ArrayList<>();
    try (Cursor cursor = rows.from(Family.ALARM, ByteString.EMPTY)) {
      while (cursor.next()) {
        stored.add(AlarmMember.parseFrom(cursor.key()));
      }
      return stored;
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptDataException(
          "a stored alarm cannot be read",
          "check the disk; restore this data directory from a backup",
          e);
    }
  }
}
